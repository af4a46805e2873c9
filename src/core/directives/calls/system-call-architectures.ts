/**
 * SystemCallArchitectures=. Facts: systemd.exec(5); one program that kills the thread that makes a call of
 * another architecture, with SIGSYS; measured on systemd 257.
 */
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { type Abi, X86_ABIS } from "../../kernel/syscalls/syscall.ts";
import { policyOf } from "../../seccomp/build.ts";
import { ignored, sameValue } from "../_scalar.ts";
import type { Directive } from "../directive.ts";

/** In the order of the ABIs; undefined when unset. The native one is always in it. */
type Architectures = readonly Abi[] | undefined;

const WORDS: Readonly<Record<string, Abi>> = { native: "x86_64", "x86-64": "x86_64", x86: "i386", x32: "x32" };

const printed: { readonly [abi in Abi]?: string } = { x86_64: "native", i386: "x86" };

const wordOf = (abi: Abi): string => printed[abi] ?? abi;

/** Only the machine's own way of calling the kernel, of which all other filters know. */
export const systemCallArchitectures: Directive<Architectures> = {
  name: "SystemCallArchitectures",
  since: 209,
  group: "calls",
  summary: "Kills the service when it calls the kernel in another architecture's way, which many filters do not cover.",
  breaks: "32-bit programs on a 64-bit machine.",
  ineffective: [],
  initial: undefined,
  fold: (assignments) => {
    let value: Architectures;
    const diagnostics: Diagnostic[] = [];
    for (const assignment of assignments) {
      const text = assignment.value.trim();
      const named = new Set<Abi>(text === "" ? [] : value);
      for (const word of text.split(/\s+/).filter((each) => each !== "")) {
        const abi = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
        if (abi === undefined)
          diagnostics.push(
            ignored("SystemCallArchitectures", { ...assignment, value: word }, "an architecture of this machine"),
          );
        else named.add(abi);
      }
      value = named.size === 0 ? undefined : X86_ABIS.filter((abi) => abi === "x86_64" || named.has(abi));
    }
    return { value, diagnostics };
  },
  print: (value, below) => {
    if (value === undefined || sameValue(value, below)) return [];
    return [...(below === undefined ? [] : [""]), value.map(wordOf).join(" ")];
  },
  meet: (a, b) => (a === undefined || b === undefined ? (a ?? b) : a.filter((abi) => b.includes(abi))),
  samples: ["native"],
  walls: (value) =>
    value === undefined
      ? []
      : [
          {
            kind: "filter",
            by: `SystemCallArchitectures=${value.map(wordOf).join(" ")}`,
            policy: policyOf([], { kind: "allow" }, value, { kind: "kill-thread" }),
          },
        ],
  ladder: ({ observation }) =>
    observation.seen.some(({ action }) => action.call.abi !== "x86_64")
      ? []
      : [{ value: ["x86_64"], reason: "only made system calls of the native architecture" }],
};
