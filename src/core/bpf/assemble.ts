/**
 * Instructions with labels in place of offsets. A conditional jump whose target is out of reach goes through a
 * trampoline after it: a copy of the return that it leads to, or a JA. The author fixes the order, so where trampolines
 * are needed is found by iteration; `seccomp/compile/layout.ts`, which chooses its order, needs none.
 */
import type { Diagnostic, Parsed, Span } from "../diagnostic/diagnostic.ts";
import { type Instruction, JUMP_REACH, type Program } from "./instruction.ts";
import { isReturn, OPCODES } from "./opcode.ts";

/** One line of a program in the making. */
export type Statement =
  /** The next instruction can be jumped to by this name. */
  | { readonly kind: "label"; readonly name: string }
  /** An instruction as it is, jumps with fixed offsets included. */
  | { readonly kind: "plain"; readonly code: number; readonly k: number; readonly jt?: number; readonly jf?: number }
  /** A conditional jump (code: JEQ, JGT_X …); a side without a label goes on with the next statement. */
  | {
      readonly kind: "branch";
      readonly code: number;
      readonly k: number;
      readonly yes?: string;
      readonly no?: string;
    }
  | { readonly kind: "goto"; readonly to: string };

/** A statement that emits an instruction, with its place among all statements. */
interface Node {
  readonly statement: Exclude<Statement, { readonly kind: "label" }>;
  readonly place: number;
}

interface Layout {
  readonly nodes: readonly Node[];
  /** By label, the node that follows it. */
  readonly labels: ReadonlyMap<string, number>;
}

/** Where a statement stands in a text, by its place among the statements. */
export type SpanOf = (place: number) => Span | undefined;

/** A diagnostic that still lacks its span; `place` is the statement's. */
interface Problem {
  readonly code: string;
  readonly place: number;
  readonly message: string;
  readonly help: string;
}

function diagnosticOf({ code, place, message, help }: Problem, spanOf: SpanOf | undefined): Diagnostic {
  const span = spanOf?.(place);
  if (span !== undefined) {
    return { code, severity: "error", message, span, help };
  }
  return { code, severity: "error", message: `statement ${place}: ${message}`, help };
}

function error(code: string, place: number, message: string, help: string): Problem {
  return { code, place, message, help };
}

function layoutOf(statements: readonly Statement[], found: Problem[]): Layout {
  const nodes: Node[] = [];
  const labels = new Map<string, number>();
  for (const [place, statement] of statements.entries()) {
    if (statement.kind !== "label") {
      nodes.push({ statement, place });
    } else if (labels.has(statement.name)) {
      found.push(error("bpf-label-twice", place, `label ${statement.name} is defined twice`, "rename one of them"));
    } else {
      labels.set(statement.name, nodes.length);
    }
  }
  return { nodes, labels };
}

function labelsIn(statement: Statement): readonly string[] {
  if (statement.kind === "goto") {
    return [statement.to];
  }
  if (statement.kind !== "branch") {
    return [];
  }
  return [statement.yes, statement.no].filter((label) => label !== undefined);
}

function checkLabels({ nodes, labels }: Layout): readonly Problem[] {
  return nodes.flatMap(({ statement, place }, index) =>
    labelsIn(statement).flatMap((label) => {
      const target = labels.get(label);
      if (target === undefined) {
        return [error("bpf-no-label", place, `there is no label ${label}`, "define it after the jump")];
      }
      if (target <= index) {
        return [
          error(
            "bpf-backward",
            place,
            `label ${label} is before the jump: a filter only jumps forward`,
            "move the label",
          ),
        ];
      }
      if (target >= nodes.length) {
        return [error("bpf-label-end", place, `no instruction follows label ${label}`, "put a ret there")];
      }
      return [];
    }),
  );
}

/** The node that a side of a branch leads to. */
function targetOf(layout: Layout, label: string | undefined, index: number): number {
  return label === undefined ? index + 1 : (layout.labels.get(label) ?? index + 1);
}

/** Which sides of a branch go through a trampoline. */
interface Far {
  yes: boolean;
  no: boolean;
}

const none: Far = { yes: false, no: false };

/** The final position of each node, trampolines included. */
function placesOf(layout: Layout, far: ReadonlyMap<number, Far>): readonly number[] {
  let at = 0;
  const places = layout.nodes.map((_, index) => {
    const place = at;
    const { yes, no } = far.get(index) ?? none;
    at += 1 + (yes ? 1 : 0) + (no ? 1 : 0);
    return place;
  });
  return [...places, at];
}

/** Marks sides as far until all others are in reach. Marks are only ever added, so this terminates. */
function spread(layout: Layout): ReadonlyMap<number, Far> {
  const far = new Map<number, Far>();
  for (let changed = true; changed; ) {
    changed = false;
    const places = placesOf(layout, far);
    for (const [index, { statement }] of layout.nodes.entries()) {
      if (statement.kind !== "branch") {
        continue;
      }
      const marks = far.get(index) ?? { ...none };
      const distance = (label: string | undefined): number =>
        (places[targetOf(layout, label, index)] ?? 0) - (places[index] ?? 0) - 1;
      const [yes, no] = [distance(statement.yes) > JUMP_REACH, distance(statement.no) > JUMP_REACH];
      if ((yes && !marks.yes) || (no && !marks.no)) {
        far.set(index, { yes: marks.yes || yes, no: marks.no || no });
        changed = true;
      }
    }
  }
  return far;
}

function trampoline(layout: Layout, target: number, offset: number): Instruction {
  const statement = layout.nodes[target]?.statement;
  if (statement?.kind === "plain" && isReturn(statement.code)) {
    return { code: statement.code, jt: 0, jf: 0, k: statement.k };
  }
  return { code: OPCODES.JA, jt: 0, jf: 0, k: offset };
}

function emitBranch(
  layout: Layout,
  places: readonly number[],
  index: number,
  marks: Far,
  statement: Extract<Statement, { kind: "branch" }>,
): readonly Instruction[] {
  const here = places[index] ?? 0;
  const behind: Instruction[] = [];
  const side = (label: string | undefined, far: boolean): number => {
    const target = targetOf(layout, label, index);
    const distance = (places[target] ?? 0) - here - 1;
    if (!far) {
      return distance;
    }
    const slot = behind.length;
    behind.push(trampoline(layout, target, distance - slot - 1));
    return slot;
  };
  const jt = side(statement.yes, marks.yes);
  const jf = side(statement.no, marks.no);
  return [{ code: statement.code, jt, jf, k: statement.k >>> 0 }, ...behind];
}

function emitNode(
  layout: Layout,
  places: readonly number[],
  index: number,
  marks: Far,
  statement: Node["statement"],
): readonly Instruction[] {
  switch (statement.kind) {
    case "plain":
      return [{ code: statement.code, jt: statement.jt ?? 0, jf: statement.jf ?? 0, k: statement.k >>> 0 }];
    case "goto": {
      const distance = (places[targetOf(layout, statement.to, index)] ?? 0) - (places[index] ?? 0) - 1;
      return [{ code: OPCODES.JA, jt: 0, jf: 0, k: distance }];
    }
    case "branch":
      return emitBranch(layout, places, index, marks, statement);
  }
}

function emit(layout: Layout): Program {
  const far = spread(layout);
  const places = placesOf(layout, far);
  return layout.nodes.flatMap(({ statement }, index) =>
    emitNode(layout, places, index, far.get(index) ?? none, statement),
  );
}

/**
 * Assembles statements in the order given. Errors: a label that is missing (`bpf-no-label`), defined twice
 * (`bpf-label-twice`), before its jump (`bpf-backward`) or at the end (`bpf-label-end`). Whether the kernel would
 * accept the result is up to `validate`. The offset of a plain jump counts emitted instructions, so it must not jump
 * over a branch that needs a trampoline. `spanOf` gives diagnostics their place in a text.
 *
 * @example
 * import { assembleFilter, OPCODES } from "cloison";
 * import assert from "node:assert";
 * const result = assembleFilter([
 *   { kind: "plain", code: OPCODES.LD_ABS, k: 0 },
 *   { kind: "branch", code: OPCODES.JEQ, k: 59, no: "good" },
 *   { kind: "plain", code: OPCODES.RET, k: 0x80000000 },
 *   { kind: "label", name: "good" },
 *   { kind: "plain", code: OPCODES.RET, k: 0x7fff0000 },
 * ]);
 * assert.deepEqual(result.value[1], { code: 0x15, jt: 0, jf: 1, k: 59 });
 */
export function assemble(statements: readonly Statement[], spanOf?: SpanOf): Parsed<Program> {
  const found: Problem[] = [];
  const layout = layoutOf(statements, found);
  found.push(...checkLabels(layout));
  if (found.length > 0) {
    return { ok: false, diagnostics: found.map((problem) => diagnosticOf(problem, spanOf)) };
  }
  return { ok: true, value: emit(layout), diagnostics: [] };
}
