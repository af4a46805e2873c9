/**
 * What of bpf(2) a service may do by a token instead of a capability. Facts: systemd.exec(5) of systemd 258, its
 * bpf_delegate_from_string(); tokens are made in a user namespace other than the initial one (token_create in the kernel's
 * kernel/bpf/token.c, Linux 6.9).
 */
import { setting } from "../../sandbox/origin.ts";
import { scalarDirective } from "../_scalar.ts";
import type { Directive } from "../directive.ts";
import { privateUsers } from "../namespaces/private-users.ts";
import { privateBpf } from "./private-bpf.ts";

function parse(text: string): string | undefined {
  const words = text.split(",").filter((word) => word !== "");
  return words.every((word) => /^BPF[A-Za-z0-9]+$/.test(word)) || text === "any" ? words.join(",") : undefined;
}

/** One list; it opens something only where there is a BPF file system of the service's own in a user namespace of its own. */
export function bpfDelegation(
  own: Pick<Directive<string>, "name" | "summary" | "ladder"> & { readonly sample: string },
): Directive<string> {
  const scalar = scalarDirective<string>({
    name: own.name,
    since: 258,
    kernel: "6.9",
    group: "kernel",
    summary: own.summary,
    breaks: "Nothing: it only gives.",
    requires: ["user-namespaces"],
    ineffective: ["It does nothing without PrivateBPF=yes and PrivateUsers=."],
    initial: "",
    parse,
    show: (value) => value,
    meet: (a, b) => (b === "" ? a : b),
    samples: [own.sample],
    ladder: own.ladder,
    expects: "names such as BPFProgLoad with commas between, or any",
    // Which calls a token lets through is decided inside of bpf(2), by its arguments and the kernel's version.
    walls: (value, facts) =>
      value === "" || !facts.valueOf(privateBpf) || facts.valueOf(privateUsers) === "no"
        ? []
        : [{ kind: "unmodelled", by: setting(own.name, value), about: ["capability"], opens: true }],
  });
  // A name that systemd does not know takes away what earlier lines gave (measured on 262).
  const fold: Directive<string>["fold"] = (assignments, facts) => {
    const bad = assignments.findLastIndex(({ value }) => parse(value.trim()) === undefined);
    const { value } = scalar.fold(assignments.slice(bad + 1), facts);
    return { value, diagnostics: scalar.fold(assignments, facts).diagnostics };
  };
  return { ...scalar, fold };
}
