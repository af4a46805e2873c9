/**
 * A program followed for all inputs at once: the function that it computes, in the same canonical form as a policy. The
 * instructions are gone through once forwards, for what the registers may hold at each, and once backwards, for the
 * function from there on; so the work grows with the program, not with its paths. Semantics: net/core/filter.c.
 */
import type { Instruction, Program } from "../bpf/instruction.ts";
import { isConditionalJump, OPCODES, opcodeOf } from "../bpf/opcode.ts";
import type { Canonical } from "./canonical.ts";
import { branchNode } from "./diagram/combine.ts";
import { not } from "./diagram/condition.ts";
import { createDiagrams, type Diagrams, type Leaf, leafNode, NO, type NodeId, returnNode } from "./diagram/diagram.ts";
import { type Content, calculated, constant, tested, wholeWord } from "./diagram/symbolic.ts";
import { wordAt } from "./diagram/words.ts";

/** What the machine holds before an instruction. */
interface State {
  readonly a: Content;
  readonly x: Content;
  readonly scratch: readonly (Content | undefined)[];
}

/** How to go on from an instruction in one state. */
type Next =
  | { readonly kind: "return"; readonly leaf: Content }
  | { readonly kind: "go"; readonly to: number; readonly state: State }
  | {
      readonly kind: "branch";
      readonly code: number;
      readonly left: Content;
      readonly k: number;
      /** The jump is taken where the test fails. */
      readonly negated: boolean;
      readonly state: State;
    };

/** As many states of all instructions are followed; programs that people and compilers write have one or two of each. */
const MOST_STATES = 65536;

const DATA_SIZE = 64;

function cannot(at: number, { code }: Instruction, why: string): Content {
  return { kind: "unknown", at, reason: `${opcodeOf(code) ?? `code 0x${code.toString(16)}`} ${why}` };
}

function loaded(state: State, instruction: Instruction, at: number, littleEndian: boolean): Content | undefined {
  const { code, k } = instruction;
  switch (code) {
    case OPCODES.LD_IMM:
    case OPCODES.LDX_IMM:
      return constant(k);
    case OPCODES.LD_LEN:
    case OPCODES.LDX_LEN:
      return constant(DATA_SIZE);
    case OPCODES.LD_MEM:
    case OPCODES.LDX_MEM:
      return state.scratch[k] ?? cannot(at, instruction, `reads M[${k}], which nothing has written`);
    case OPCODES.LD_ABS: {
      const word = wordAt(k, littleEndian);
      return word === undefined ? cannot(at, instruction, `reads offset ${k}`) : wholeWord(word);
    }
    default:
      return undefined;
  }
}

/** Bit 3 of a code: the second operand is X. */
const SOURCE_X = 0x08;

function arithmetic(state: State, instruction: Instruction, at: number): Content {
  const { code, k } = instruction;
  if (state.a.kind === "unknown") return state.a;
  if (code === OPCODES.NEG) {
    return state.a.kind === "constant" ? constant(-state.a.value) : cannot(at, instruction, "of a word of the data");
  }
  const operand = (code & SOURCE_X) === 0 ? constant(k) : state.x;
  if (operand.kind === "unknown") return operand;
  if (operand.kind !== "constant") return cannot(at, instruction, "with a word of the data as second operand");
  const result = calculated(code & ~SOURCE_X, state.a, operand.value);
  return result ?? cannot(at, instruction, "of a word of the data");
}

function moved(state: State, instruction: Instruction): State | undefined {
  const { code, k } = instruction;
  switch (code) {
    case OPCODES.TAX:
      return { ...state, x: state.a };
    case OPCODES.TXA:
      return { ...state, a: state.x };
    case OPCODES.ST:
    case OPCODES.STX: {
      const scratch = [...state.scratch];
      scratch[k] = code === OPCODES.ST ? state.a : state.x;
      return { ...state, scratch };
    }
    default:
      return undefined;
  }
}

/** With X as second operand: constants may stand on either side; `c > X` is "not `X >= c`". */
function branchOf(state: State, instruction: Instruction, at: number): Next {
  const { code, k } = instruction;
  const { a, x } = state;
  const plain = code & ~SOURCE_X;
  const way = { kind: "branch", code: plain, left: a, k, negated: false, state } as const;
  if ((code & SOURCE_X) === 0) return way;
  if (x.kind === "constant") return { ...way, k: x.value };
  if (a.kind === "constant" && x.kind !== "unknown") {
    const negated = plain === OPCODES.JGT || plain === OPCODES.JGE;
    const mirrored = plain === OPCODES.JGT ? OPCODES.JGE : OPCODES.JGT;
    return { ...way, left: x, k: a.value, code: negated ? mirrored : plain, negated };
  }
  const unknown = [a, x].find((each) => each.kind === "unknown");
  return { ...way, left: unknown ?? cannot(at, instruction, "compares two words of the data") };
}

function next(state: State, instruction: Instruction, at: number, littleEndian: boolean): Next {
  const { code, k } = instruction;
  if (code === OPCODES.RET) return { kind: "return", leaf: constant(k) };
  if (code === OPCODES.RET_A) return { kind: "return", leaf: returned(state.a, instruction, at) };
  if (code === OPCODES.JA) return { kind: "go", to: at + 1 + k, state };
  if (isConditionalJump(code)) return branchOf(state, instruction, at);
  const content = loaded(state, instruction, at, littleEndian);
  if (content !== undefined) {
    const changed = (code & 0x07) === 1 ? { ...state, x: content } : { ...state, a: content };
    return { kind: "go", to: at + 1, state: changed };
  }
  const changed = moved(state, instruction);
  if (changed !== undefined) return { kind: "go", to: at + 1, state: changed };
  if (opcodeOf(code) === undefined) return { kind: "return", leaf: cannot(at, instruction, "is not permitted") };
  return { kind: "go", to: at + 1, state: { ...state, a: arithmetic(state, instruction, at) } };
}

function returned(a: Content, instruction: Instruction, at: number): Content {
  return a.kind === "constant" || a.kind === "unknown" ? a : cannot(at, instruction, "returns a word of the data");
}

/** Where each register still matters: what no instruction from here on reads is forgotten, so that equal futures meet. */
interface Live {
  readonly a: boolean;
  readonly x: boolean;
  readonly scratch: number;
}

const NOTHING: Live = { a: false, x: false, scratch: 0 };

function either(left: Live, right: Live): Live {
  return { a: left.a || right.a, x: left.x || right.x, scratch: left.scratch | right.scratch };
}

function readsX(code: number): boolean {
  return (code & SOURCE_X) !== 0 && ((code & 0x07) === 4 || (code & 0x07) === 5);
}

/** What must be known before an instruction if `after` must be known behind it. */
function before({ code, k }: Instruction, after: Live): Live {
  const bit = 1 << (k & 15);
  switch (code) {
    case OPCODES.LD_MEM:
      return { ...after, a: false, scratch: after.scratch | bit };
    case OPCODES.LDX_MEM:
      return { ...after, x: false, scratch: after.scratch | bit };
    case OPCODES.ST:
    case OPCODES.STX: {
      const written = (after.scratch & bit) !== 0;
      const rest = after.scratch & ~bit;
      return {
        a: after.a || (written && code === OPCODES.ST),
        x: after.x || (written && code === OPCODES.STX),
        scratch: rest,
      };
    }
    case OPCODES.TAX:
      return { ...after, a: after.a || after.x, x: false };
    case OPCODES.TXA:
      return { ...after, x: after.x || after.a, a: false };
    case OPCODES.RET_A:
      return { ...NOTHING, a: true };
    default:
      return beforePlain(code, after);
  }
}

function beforePlain(code: number, after: Live): Live {
  const kind = code & 0x07;
  if (kind === 0) return { ...after, a: false };
  if (kind === 1) return { ...after, x: false };
  if (kind === 4) return { ...after, x: after.x || (after.a && readsX(code)) };
  return code === OPCODES.RET ? NOTHING : after;
}

function livenessOf(program: Program): readonly Live[] {
  const live: Live[] = new Array(program.length + 1).fill(NOTHING);
  for (let at = program.length - 1; at >= 0; at -= 1) {
    const instruction = program[at];
    if (instruction === undefined) continue;
    const { code, jt, jf, k } = instruction;
    const behind = (distance: number): Live => live[at + 1 + distance] ?? NOTHING;
    if (isConditionalJump(code)) {
      const after = either(behind(jt), behind(jf));
      live[at] = { ...after, a: true, x: after.x || readsX(code) };
    } else live[at] = code === OPCODES.JA ? behind(k) : before(instruction, behind(0));
  }
  return live;
}

const ZERO: Content = { kind: "constant", value: 0 };

function forget(state: State, live: Live): State {
  const scratch = state.scratch.map((content, place) => (((live.scratch >> place) & 1) === 1 ? content : undefined));
  return { a: live.a ? state.a : ZERO, x: live.x ? state.x : ZERO, scratch: live.scratch === 0 ? [] : scratch };
}

function keyOf(content: Content | undefined): string {
  switch (content?.kind) {
    case undefined:
      return "-";
    case "constant":
      return `c${content.value}`;
    case "word":
      return `w${content.word}.${content.mask}.${content.shift}.${content.flip}`;
    case "sum":
      return `s${content.word}.${content.offset}`;
    case "unknown":
      return `u${content.at}`;
  }
}

function keyOfState({ a, x, scratch }: State): string {
  return `${keyOf(a)},${keyOf(x)},${scratch.map(keyOf).join()}`;
}

/** The ways on from each instruction, by the state in which it is reached. */
type Reached = readonly Map<string, Next>[];

/** What the walk needs all the time. */
interface Walk {
  readonly program: Program;
  readonly littleEndian: boolean;
  readonly live: readonly Live[];
}

function targetsOf(way: Next, { jt, jf }: Instruction, at: number): readonly number[] {
  if (way.kind === "return") return [];
  return way.kind === "go" ? [way.to] : [at + 1 + jt, at + 1 + jf];
}

/** Forwards: which states reach which instruction. */
function reach({ program, littleEndian, live }: Walk): Reached | "too-many" {
  const reached = program.map(() => new Map<string, Next>());
  const pending: Map<string, State>[] = program.map(() => new Map());
  const start = forget({ a: ZERO, x: ZERO, scratch: [] }, live[0] ?? NOTHING);
  pending[0]?.set(keyOfState(start), start);
  let total = 0;
  for (const [at, instruction] of program.entries()) {
    const states = pending[at] ?? new Map<string, State>();
    total += states.size;
    if (total > MOST_STATES) return "too-many";
    for (const [key, state] of states) {
      const way = next(state, instruction, at, littleEndian);
      reached[at]?.set(key, way);
      if (way.kind === "return") continue;
      for (const to of targetsOf(way, instruction, at)) {
        const known = forget(way.state, live[to] ?? NOTHING);
        pending[to]?.set(keyOfState(known), known);
      }
    }
    states.clear();
  }
  return reached;
}

function leafOfContent(diagrams: Diagrams, content: Content, at: number): NodeId {
  if (content.kind === "constant") return returnNode(diagrams, content.value);
  const unknown: Leaf = { kind: "unknown", at, reason: "returns a word of the data" };
  return leafNode(diagrams, content.kind === "unknown" ? content : unknown);
}

/** Where a jump is taken. Made forwards: see `rulesNode` on the order of conditions. */
function conditionsOf(diagrams: Diagrams, reached: Reached): ReadonlyMap<Next, NodeId> {
  const found = new Map<Next, NodeId>();
  for (const [at, ways] of reached.entries()) {
    for (const way of ways.values()) {
      if (way.kind !== "branch") continue;
      const reason = "the jump tests something that cannot be followed";
      const taken = tested(diagrams, way.code, way.left, way.k) ?? leafNode(diagrams, { kind: "unknown", at, reason });
      found.set(way, way.negated ? not(diagrams, taken) : taken);
    }
  }
  return found;
}

/** Backwards: the function from each instruction on. */
function functionOf(diagrams: Diagrams, { program, live }: Walk, reached: Reached): NodeId {
  const done: Map<string, NodeId>[] = program.map(() => new Map());
  const conditions = conditionsOf(diagrams, reached);
  const end = (at: number): NodeId =>
    leafNode(diagrams, { kind: "unknown", at, reason: "the program ends without a return" });
  const at = (index: number, state: State): NodeId =>
    done[index]?.get(keyOfState(forget(state, live[index] ?? NOTHING))) ?? end(index);
  const resolve = (way: Next, index: number): NodeId => {
    if (way.kind === "return") return leafOfContent(diagrams, way.leaf, index);
    if (way.kind === "go") return at(way.to, way.state);
    const { jt, jf } = program[index] ?? { jt: 0, jf: 0 };
    const [yes, no] = [at(index + 1 + jt, way.state), at(index + 1 + jf, way.state)];
    return branchNode(diagrams, conditions.get(way) ?? NO, yes, no);
  };
  for (let index = program.length - 1; index >= 0; index -= 1) {
    for (const [key, way] of reached[index] ?? []) done[index]?.set(key, resolve(way, index));
  }
  return [...(done[0]?.values() ?? [])][0] ?? end(0);
}

/** How a program is to be read. */
export interface WalkOptions {
  /** Byte order of the machine that runs it: which half of an argument comes first. Default: true. */
  readonly littleEndian?: boolean;
  /** The store that the function is to be in. */
  readonly diagrams?: Diagrams;
}

/**
 * The function that a program computes. What cannot be followed ends in a leaf `unknown` that names the instruction, for
 * exactly those inputs that depend on it. Any instructions are taken, valid or not.
 *
 * @example
 * import { canonicalise, walk } from "cloison";
 * import assert from "node:assert";
 * const allow = [{ code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }];
 * const { diagrams, root } = walk(allow);
 * assert.equal(canonicalise({ abis: {}, foreign: { kind: "allow" } }, { diagrams }).root, root);
 */
export function walk(program: Program, options: WalkOptions = {}): Canonical {
  const { littleEndian = true, diagrams = createDiagrams() } = options;
  const context: Walk = { program, littleEndian, live: livenessOf(program) };
  const reached = reach(context);
  if (reached === "too-many") {
    const reason = `more than ${MOST_STATES} different states of the registers`;
    return { diagrams, root: leafNode(diagrams, { kind: "unknown", at: 0, reason }) };
  }
  return { diagrams, root: functionOf(diagrams, context, reached) };
}
