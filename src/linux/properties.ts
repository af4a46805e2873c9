/** What `systemctl show` prints: one NAME=VALUE a line, a value that holds newlines going on until the next known name. */

/**
 * Parses the output of `systemctl show -p NAME…`. Only `names` begin a line of their own, since a value may hold a line that
 * looks like one; a name that is printed several times (ExecStart=, …) has its values joined by newlines.
 */
export function parseShow(text: string, names: readonly string[]): Map<string, string> {
  const known = new Set(names);
  const values = new Map<string, string>();
  let current: string | undefined;
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const equals = line.indexOf("=");
    const name = equals < 0 ? undefined : line.slice(0, equals);
    if (name !== undefined && known.has(name)) {
      const before = values.get(name);
      const value = line.slice(equals + 1);
      values.set(name, before === undefined ? value : `${before}\n${value}`);
      current = name;
    } else if (current !== undefined) {
      values.set(current, `${values.get(current)}\n${line}`);
    }
  }
  return values;
}
