/** Directives that name one place of the machine. Facts: systemd.exec(5); how empty and bad values are read, measured. */
import { simplifyPath } from "./_path.ts";
import { type Described, scalarDirective } from "./_scalar.ts";
import type { Directive } from "./directive.ts";

/** One absolute path; empty when unset, which an empty line also says. */
export function placeDirective(
  own: Described<string> & {
    readonly samples: readonly string[];
    /** Whether a bad value makes systemd refuse the unit. */
    readonly fatal?: boolean;
  },
): Directive<string> {
  return scalarDirective({
    ...own,
    initial: "",
    parse: (text) => (text === "" ? "" : simplifyPath(text)),
    show: (value) => value,
    // Places have no order of strictness, so the second, the unit's own, is kept.
    meet: (a, b) => (b === "" ? a : b),
    expects: "an absolute path",
  });
}
