/**
 * Secrets that systemd hands to a service in files of its own. Facts: systemd.exec(5) "LoadCredential=", and the mounts that
 * come with them: systemd's namespace.c.
 */
import type { Described } from "../_scalar.ts";
import { type WordList, wordsDirective } from "../_words.ts";
import type { Directive } from "../directive.ts";

/** The name of a credential is the name of a file. */
function idOf(line: string): string | undefined {
  const id = line.split(":")[0] ?? "";
  return /^[\w.@+-]+$/.test(id) && id !== "." && id !== ".." ? id : undefined;
}

/** A directive that gives credentials, one a line. What is mounted for them stands in sandbox.ts: once for all. */
export function credentialDirective(
  own: Omit<Described<WordList>, "walls" | "group" | "requires"> & {
    readonly samples: readonly string[];
    /** Whether a line must say more than a name. */
    readonly needsValue?: boolean;
    /** Whether a line is a pattern of names. */
    readonly pattern?: boolean;
  },
): Directive<WordList> {
  const { needsValue = false, pattern = false, ...described } = own;
  return wordsDirective({
    ...described,
    group: "files",
    requires: [],
    wholeLine: true,
    keyOf: (line) => (pattern ? line : needsValue && !line.includes(":") ? undefined : idOf(line)),
    expects: needsValue ? "NAME:VALUE" : "NAME or NAME:PATH",
    walls: () => [],
  });
}
