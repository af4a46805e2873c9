/** CoredumpFilter=. Facts: systemd.exec(5), core(5) "Controlling which mappings are written"; names and masks: systemd 257. */
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { ignored, sameValue } from "../_scalar.ts";
import { type Directive, never } from "../directive.ts";

/** Kinds of mappings, by their bits. */
const KINDS = [
  "private-anonymous",
  "shared-anonymous",
  "private-file-backed",
  "shared-file-backed",
  "elf-headers",
  "private-huge",
  "shared-huge",
  "private-dax",
  "shared-dax",
];
const DEFAULT_MASK = 0x33;
const ALL = 0xffff_ffff;

/** The bits of a word; a number is in base 16 with or without 0x. */
function bitsOf(word: string): number | undefined {
  if (word === "default" || word === "all") {
    return word === "all" ? ALL : DEFAULT_MASK;
  }
  const bit = KINDS.indexOf(word);
  if (bit >= 0) {
    return 2 ** bit;
  }
  return /^(0x)?[\da-f]{1,8}$/i.test(word) ? Number.parseInt(word, 16) : undefined;
}

function maskOf(text: string): number | undefined {
  const bits = text.split(/\s+/).map(bitsOf);
  return bits.reduce((mask, each) => (mask === undefined || each === undefined ? undefined : (mask | each) >>> 0), 0);
}

/** What a core dump holds can be read by whoever reads core dumps. */
export const coredumpFilter: Directive<number | undefined> = {
  name: "CoredumpFilter",
  since: 246,
  group: "memory",
  summary: "Says which kinds of memory a core dump holds, so that secrets in memory stay out of files.",
  breaks: "Post-mortem analysis, where what was needed is missing.",
  requires: [],
  ineffective: ["A program may change its filter through /proc/self/coredump_filter."],
  initial: undefined,
  fold: (assignments) => {
    let value: number | undefined;
    const diagnostics: Diagnostic[] = [];
    for (const assignment of assignments) {
      const text = assignment.value.trim();
      const mask = text === "" ? undefined : maskOf(text);
      if (text === "") {
        value = undefined;
      } else if (mask === undefined) {
        diagnostics.push(ignored("CoredumpFilter", assignment, "kinds of mappings, default, all or a mask"));
      } else {
        value = ((value ?? 0) | mask) >>> 0;
      }
    }
    return { value, diagnostics };
  },
  print: (value, below) => {
    if (sameValue(value, below)) {
      return [];
    }
    const lines = value === undefined ? [] : [`0x${value.toString(16)}`];
    return below === undefined ? lines : ["", ...lines];
  },
  meet: (a, b) => (a === undefined || b === undefined ? (a ?? b) : (a & b) >>> 0),
  samples: ["elf-headers", "default"],
  walls: () => [],
  ladder: never("What a core dump holds is for whoever reads it to say; it stops no intruder."),
};
