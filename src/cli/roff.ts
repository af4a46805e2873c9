/** Text as roff, for manual pages with the macros of man(7). Facts: groff(7), "Escape short reference"; groff_man(7). */

/** What roff would take for something else than the character: the escape that prints it, so that it can be copied, too. */
const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\[rs]",
  "-": "\\-",
  "'": "\\[aq]",
  "`": "\\[ga]",
  "^": "\\[ha]",
  "~": "\\[ti]",
  '"': "\\[dq]",
};

function character(each: string): string {
  const code = each.codePointAt(0) ?? 0;
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
    return " ";
  }
  return ESCAPES[each] ?? (code < 0x7f ? each : `\\[u${code.toString(16).toUpperCase().padStart(4, "0")}]`);
}

/** A text within a line: no character of it acts. Ends of lines become blanks. */
export function inline(text: string): string {
  return [...text].map(character).join("");
}

/** A text as lines of its own; a dot or a quote at the beginning is no request. */
export function line(text: string): string {
  const escaped = inline(text);
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

/** A request of man(7) with its arguments: `.SH "EXIT STATUS"`. */
export function request(name: string, ...args: readonly string[]): string {
  return [`.${name}`, ...args.map((arg) => (arg === "" || arg.includes(" ") ? `"${inline(arg)}"` : inline(arg)))].join(
    " ",
  );
}
