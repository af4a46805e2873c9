/**
 * Parses what `systemctl show` prints: a NAME=VALUE per line, where a value with newlines extends to the next known name. The
 * words of a list are quoted as for a shell (systemd's src/shared/bus-print-properties.c, shell_maybe_quote).
 */

/**
 * Parses the output of `systemctl show -p NAME…`. Only the given names begin a property, since a line of a value may look
 * like one; the values of a name that is printed several times (ExecStart=, …) are joined by newlines.
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

/** The words of a list such as DropInPaths=; a word with a backslash is printed in double quotes. */
export function wordsOf(value: string): readonly string[] {
  const words = value.match(/"(?:[^"\\]|\\.)*"|[^\s"]+/gs) ?? [];
  return words.map((word) => (word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/gs, "$1") : word));
}
