/** Limits of a cgroup. Facts: systemd.resource-control(5), cgroups(7). */
import { type Described, scalarDirective } from "../_scalar.ts";
import type { Directive } from "../directive.ts";
import { lesser, parseShare } from "./_amount.ts";

/** An amount, `infinity`, or a share of the machine's; empty when unset. Nought is none. */
export function shareDirective(
  own: Omit<Described<string>, "walls" | "group"> & {
    readonly samples: readonly string[];
    readonly read: (text: string) => string | undefined;
  },
): Directive<string> {
  const { read, ...described } = own;
  return scalarDirective({
    ...described,
    group: "resources",
    initial: "",
    parse: (text, { systemd }) => {
      const value = text === "" ? text : (parseShare(text, systemd) ?? read(text));
      return value === "0" ? undefined : value;
    },
    show: (value) => value,
    // How much a share is depends on the machine: then the unit's own is kept.
    meet: (a, b) => {
      const comparable = a !== "" && b !== "" && !a.endsWith("%") && !b.endsWith("%");
      return comparable ? lesser(a, b) : b || a;
    },
    expects: "an amount, a percentage or infinity",
    walls: () => [],
  });
}
