/** `cloison seccomp`: the workshop for filters. */
import { asm } from "./seccomp/asm.ts";
import { compile } from "./seccomp/compile.ts";
import { decompile } from "./seccomp/decompile.ts";
import { diff } from "./seccomp/diff.ts";
import { disasm } from "./seccomp/disasm.ts";
import { dump } from "./seccomp/dump.ts";
import { emulate } from "./seccomp/emulate.ts";
import { explain } from "./seccomp/explain.ts";
import { merge } from "./seccomp/merge.ts";
import { prove } from "./seccomp/prove.ts";
import type { VerbGroup } from "./verb.ts";

export const seccomp: VerbGroup = {
  name: "seccomp",
  summary: "Compiles, proves, compares, explains and merges seccomp filters.",
  verbs: [explain, diff, compile, prove, merge, decompile, dump, disasm, asm, emulate],
};
