/** The input and findings of a check of a filter, and questions about what calls can get. */
import { sameMachine } from "../../kernel/syscalls/machine.ts";
import { type Abi, numberOf, tableOf } from "../../kernel/syscalls/syscall.ts";
import type { Canonical } from "../canonical/canonical.ts";
import { underArch } from "../canonical/intervals.ts";
import type { Diagrams, Leaf, NodeId } from "../diagram/diagram.ts";
import { restrict } from "../diagram/restrict.ts";
import { findInput } from "../diagram/witness.ts";
import { NUMBER_WORD } from "../diagram/words.ts";
import { letsThrough } from "../policy/evaluate.ts";
import { actionOfValue } from "../policy/return-value.ts";

/** One finding. `code` is stable; `calls` are those that it is about. */
export interface Finding {
  readonly code: string;
  readonly severity: "high" | "medium" | "low";
  readonly abi?: Abi;
  readonly calls: readonly string[];
  readonly message: string;
}

/** A function and where to look in it. */
export interface Subject {
  readonly diagrams: Diagrams;
  readonly root: NodeId;
  /** The ABIs that the filter tells apart, or those of a machine that it may run on. */
  readonly abis: readonly Abi[];
  /** Memo by function: a search may take long. */
  readonly passing: Map<NodeId, boolean>;
  readonly stopping: Map<NodeId, boolean>;
}

/** A function to be looked at. */
export function subjectOf({ diagrams, root }: Canonical, abis: readonly Abi[]): Subject {
  return { diagrams, root, abis, passing: new Map(), stopping: new Map() };
}

/** The native ABI of each machine that a filter is for, without its secondary ones. */
export function nativeAbis({ abis }: Subject): readonly Abi[] {
  return abis.filter((abi, place) => abis.findIndex((each) => sameMachine(each, abi)) === place);
}

/** The most calls that a message names. */
const MOST_NAMES = 9;

/** Calls in a message: the first few of a long list. */
export function namesText(calls: readonly string[]): string {
  const rest = calls.length - MOST_NAMES;
  return rest > 1 ? `${calls.slice(0, MOST_NAMES).join(", ")} and ${rest} more` : calls.join(", ");
}

/** What a call gets; undefined if the ABI does not have it. */
export function nodeOf(subject: Subject, abi: Abi, call: string): NodeId | undefined {
  const number = numberOf(abi, call);
  return number === undefined ? undefined : nodeAt(subject, abi, number);
}

/** What a number gets. */
export function nodeAt({ diagrams, root }: Subject, abi: Abi, number: number): NodeId {
  const under = underArch(diagrams, root, tableOf(abi).audit);
  return restrict(diagrams, under, NUMBER_WORD, number);
}

/** Whether a call that ends here is carried out, as far as is known. */
export function passes(leaf: Leaf): boolean {
  return leaf.kind === "unknown" || (leaf.kind === "return" && letsThrough(actionOfValue(leaf.value)));
}

function stops(leaf: Leaf): boolean {
  return leaf.kind === "return" && !letsThrough(actionOfValue(leaf.value));
}

function leadsTo(
  { diagrams }: Subject,
  answers: Map<NodeId, boolean>,
  node: NodeId,
  wanted: (leaf: Leaf) => boolean,
): boolean {
  const known = answers.get(node) ?? findInput(diagrams, node, wanted) !== undefined;
  answers.set(node, known);
  return known;
}

/** Whether some arguments let a call through, as far as is known. */
export function canPass(subject: Subject, node: NodeId | undefined): boolean {
  return node !== undefined && leadsTo(subject, subject.passing, node, passes);
}

/** Whether some arguments keep a call from being carried out, as far as is known. */
export function canStop(subject: Subject, node: NodeId | undefined): boolean {
  return node !== undefined && leadsTo(subject, subject.stopping, node, stops);
}

/** Looks for one kind of thing in a filter. */
export type Check = (subject: Subject) => readonly Finding[];
