/** Directives that name one user or group. Facts: systemd.exec(5) "User=". */

import { type Described, scalarDirective } from "./_scalar.ts";
import type { Directive } from "./directive.ts";

/** One name or number; empty when unset, which an empty line also says. */
export function nameDirective(own: Described<string> & { readonly samples: readonly string[] }): Directive<string> {
  return scalarDirective({
    ...own,
    initial: "",
    parse: (text) => (/^[^\s:/]*$/.test(text) ? text : undefined),
    show: (value) => value,
    // Names have no order of strictness, so the second, the unit's own, is kept.
    meet: (a, b) => (b === "" ? a : b),
    fatal: true,
    expects: "the name or number of a user or group",
  });
}
