/**
 * Directives that name what a security module holds the service to. Facts: systemd.exec(5), "Mandatory access control": a
 * leading `-` makes a failure no error, and nothing is done where the kernel has no such module active.
 */

import { setting } from "../sandbox/origin.ts";
import { mayRefuse } from "./_lines.ts";
import { type Described, scalarDirective } from "./_scalar.ts";
import type { Directive } from "./directive.ts";

/** One name, empty when unset. The rules behind it are the module's and may refuse anything; they never lift a wall. */
export function labelDirective(
  own: Omit<Described<string>, "walls" | "group"> & { readonly samples: readonly string[] },
): Directive<string> {
  return scalarDirective({
    ...own,
    group: "labels",
    initial: "",
    parse: (text) => text,
    show: (value) => value,
    meet: (a, b) => (b === "" ? a : b),
    expects: "a name",
    walls: (value) => (value === "" ? [] : [mayRefuse(setting(own.name, value), "everything")]),
  });
}
