/**
 * Directives that name what a security module holds the service to. Facts: systemd.exec(5), "Mandatory access control": a
 * leading `-` makes a failure no error, and nothing is done where the kernel has no such module active.
 */

import { setting } from "../sandbox/origin.ts";
import { mayRefuse } from "./_lines.ts";
import { type Described, scalarDirective } from "./_scalar.ts";
import type { Directive, UnitFacts } from "./directive.ts";

/** What a label's file says of it. `passedOver`: whether systemd goes on without this name on the machine; absent: never known to. */
interface Label extends Omit<Described<string>, "walls" | "group"> {
  readonly samples: readonly string[];
  readonly passedOver?: (value: string, facts: UnitFacts) => boolean;
}

/** One name, empty when unset. The rules behind it are the module's and may refuse anything; they never lift a wall. */
export function labelDirective({ passedOver = () => false, ...own }: Label): Directive<string> {
  return scalarDirective({
    ...own,
    group: "labels",
    initial: "",
    parse: (text) => text,
    show: (value) => value,
    meet: (a, b) => (b === "" ? a : b),
    expects: "a name",
    walls: (value, facts) =>
      value === "" || passedOver(value, facts) ? [] : [mayRefuse(setting(own.name, value), "everything")],
  });
}
