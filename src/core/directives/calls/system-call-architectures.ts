/**
 * SystemCallArchitectures=. Facts: systemd.exec(5); one program that kills the thread that makes a call of another
 * architecture, with SIGSYS, also when only architectures of other machines are named, and none where nothing is left to
 * refuse: measured on systemd 257. The words and the architectures of each machine: its src/shared/seccomp-util.c.
 */
import { callOf } from "../../action/action.ts";
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import { setting } from "../../sandbox/origin.ts";
import { policyOf } from "../../seccomp/policy/build.ts";
import { abisOf } from "../_filter.ts";
import { ignored, sameValue } from "../_scalar.ts";
import type { Directive, UnitFacts } from "../directive.ts";

/** The machine's ABIs that are allowed, always including its own, which comes first; undefined when unset. */
type Architectures = readonly Abi[] | undefined;

const WORDS: { readonly [abi in Abi]: string } = {
  x86_64: "x86-64",
  i386: "x86",
  x32: "x32",
  aarch64: "arm64",
  arm: "arm",
  riscv64: "riscv64",
  loongarch64: "loongarch64",
  ppc64le: "ppc64-le",
  ppc64: "ppc64",
  ppc: "ppc",
  s390x: "s390x",
  s390: "s390",
  mips64el: "mips64-le",
  mips64el_n32: "mips64-le-n32",
  mipsel: "mips-le",
  mips64: "mips64",
  mips64_n32: "mips64-n32",
  mips: "mips",
};

/** Words without a table. */
const OTHERS: ReadonlySet<string> = new Set(["parisc", "parisc64"]);

const BY_WORD: ReadonlyMap<string, Abi> = new Map(
  (Object.entries(WORDS) as [Abi, string][]).map(([abi, word]) => [word, abi]),
);

/** The own one comes first and is printed as the word that means it everywhere. */
function words(value: readonly Abi[]): string {
  return value.map((abi, place) => (place === 0 ? "native" : WORDS[abi])).join(" ");
}

/** Whether systemd also lists architectures of the other byte order for a machine: those are always refused. */
function hasOtherOrder(machine: Abi): boolean {
  return machine.startsWith("mips") || machine.startsWith("ppc64");
}

/** Machines with one way of calling the kernel only, say riscv64, get no filter. */
function refusesSome(value: readonly Abi[], facts: UnitFacts): boolean {
  return value.length < abisOf(facts).length || hasOtherOrder(facts.machine);
}

function isWord(word: string): boolean {
  return word === "native" || BY_WORD.has(word) || OTHERS.has(word);
}

/** Only the machine's own way of calling the kernel, of which all other filters know. */
export const systemCallArchitectures: Directive<Architectures> = {
  name: "SystemCallArchitectures",
  since: 209,
  group: "calls",
  summary: "Kills the service when it calls the kernel in another architecture's way, which many filters do not cover.",
  breaks: "32-bit programs on a 64-bit machine.",
  weight: 1000,
  requires: ["seccomp"],
  ineffective: [],
  initial: undefined,
  fold: (assignments, facts) => {
    let value: Architectures;
    const diagnostics: Diagnostic[] = [];
    const [own, ...beside] = abisOf(facts);
    for (const assignment of assignments) {
      const found = assignment.value.split(/\s+/).filter((word) => word !== "");
      if (found.length === 0) {
        value = undefined;
      }
      const known = found.filter(isWord);
      for (const word of found.filter((each) => !isWord(each))) {
        diagnostics.push(ignored("SystemCallArchitectures", { ...assignment, value: word }, "an architecture"));
      }
      if (known.length === 0) {
        continue;
      }
      const named = new Set([...(value ?? []), ...known.map((word) => BY_WORD.get(word))]);
      value = [own ?? facts.machine, ...beside.filter((abi) => named.has(abi))];
    }
    return { value, diagnostics };
  },
  print: (value, below) => {
    if (value === undefined || sameValue(value, below)) {
      return [];
    }
    return [...(below === undefined ? [] : [""]), words(value)];
  },
  meet: (a, b) => (a === undefined || b === undefined ? (a ?? b) : a.filter((abi) => b.includes(abi))),
  samples: ["native"],
  walls: () => [],
  filter: {
    turn: 120,
    shutsOutAbis: true,
    walls: (value, facts) =>
      value === undefined || !refusesSome(value, facts)
        ? []
        : [
            {
              kind: "filter",
              by: setting("SystemCallArchitectures", words(value)),
              policy: policyOf([], { kind: "allow" }, value, { kind: "kill-thread" }),
            },
          ],
  },
  ladder: ({ observation, unit }) => {
    const other = observation.seen
      .map(({ action }) => callOf(action)?.abi ?? unit.machine)
      .find((abi) => abi !== unit.machine);
    const withheld = other === undefined ? undefined : `It made system calls of ${other}.`;
    return [{ value: [unit.machine], reason: "only made system calls of the native architecture", withheld }];
  },
};
