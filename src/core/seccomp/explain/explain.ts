/** A filter explained: what passes, what does not, under which conditions, and what deserves a second look. */
import { meaningOf, meaningText } from "../../bpf/return-value.ts";
import { type Abi, tableOf } from "../../kernel/syscalls/syscall.ts";
import { effects } from "../canonical/canonical.ts";
import { abisOf, foreignAction, intervalText } from "../canonical/intervals.ts";
import { type Undecided, unknownPart, withDiagrams } from "../compare/compare.ts";
import { type Diagrams, leafOf } from "../diagram/diagram.ts";
import { type Filter, functionOfFilter } from "../filter/filter.ts";
import type { FilterAction } from "../policy/policy.ts";
import { valueOfAction } from "../policy/return-value.ts";
import { type AbiExplanation, type ConditionalCalls, explainAbi } from "./explanation.ts";
import { type Finding, findingsOf } from "./finding.ts";

/** What a filter does. */
export interface Explanation {
  readonly kind: "explained";
  readonly abis: readonly AbiExplanation[];
  /** What all other architectures get; undefined where that depends on which, or on the call. */
  readonly foreign: FilterAction | undefined;
  readonly findings: readonly Finding[];
  /** Which part of the filter could not be followed; the rest says nothing about those inputs. */
  readonly unknown?: Undecided;
}

function explainIn(diagrams: Diagrams, filter: Filter): Explanation {
  const { root } = effects(functionOfFilter(filter, diagrams));
  const told = abisOf(diagrams, root);
  const abis: readonly Abi[] = told.length === 0 && leafOf(diagrams, root) === undefined ? ["x86_64"] : told;
  const gap = unknownPart(diagrams, root);
  const explanation: Explanation = {
    kind: "explained",
    abis: abis.map((abi) => explainAbi(diagrams, root, abi)),
    foreign: foreignAction(diagrams, root, told),
    findings: findingsOf({ diagrams, root }, abis),
  };
  return gap === undefined ? explanation : { ...explanation, unknown: gap };
}

/**
 * What a filter does and what deserves a second look.
 *
 * @example
 * import { denyList, explainFilter } from "cloison";
 * import assert from "node:assert";
 * const policy = denyList(["reboot"], { kind: "errno", errno: "EPERM" }, ["x86_64"]);
 * const { abis, findings } = explainFilter({ kind: "policy", policy });
 * assert.deepEqual(abis[0].constant[1], { action: { kind: "errno", errno: "EPERM" }, calls: ["reboot"], unnamed: [] });
 * assert.equal(findings[0].code, "arch-foreign");
 */
export function explain(filter: Filter): Explanation {
  return withDiagrams((diagrams) => explainIn(diagrams, filter));
}

/** An action as one word, as the kernel names it: `ALLOW`, `ERRNO(EPERM)`. */
export function actionText(action: FilterAction): string {
  if (action.kind === "errno" && typeof action.errno === "string") {
    return `ERRNO(${action.errno})`;
  }
  return meaningText(meaningOf(valueOfAction(action)));
}

const WIDTH = 110;

/** Words separated by commas, wrapped into lines. */
function wrapped(words: readonly string[], indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const [place, word] of words.entries()) {
    const next = place + 1 < words.length ? `${word},` : word;
    if (line.length > indent.length && line.length + next.length + 1 > WIDTH) {
      lines.push(line);
      line = indent;
    }
    line += line.length > indent.length ? ` ${next}` : next;
  }
  return words.length === 0 ? lines : [...lines, line];
}

/** A line for people, wrapped with a hanging indent if it is too long. */
function folded(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    const begun = line.trim() !== "";
    if (begun && line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = `${indent}    ${word}`;
    } else {
      line += begun ? ` ${word}` : word;
    }
  }
  return [...lines, line];
}

function outcomeText(action: FilterAction | undefined): string {
  return action === undefined ? "not followed" : actionText(action);
}

function callLines({ calls, ways }: ConditionalCalls): readonly string[] {
  const named = calls.join(", ");
  const [first, second] = ways;
  if (first !== undefined && ways.length === 1) {
    return folded(`${named}: ${outcomeText(first.action)}`, "    ");
  }
  const short = named.length < WIDTH / 2;
  if (short && ways.length === 2 && first !== undefined && second !== undefined) {
    return folded(`${named}: ${first.when} → ${outcomeText(first.action)}, else ${outcomeText(second.action)}`, "    ");
  }
  const last = ways.length - 1;
  return [
    ...folded(`${named}:`, "    "),
    ...ways.flatMap(({ when, action }, place) =>
      folded(`${place === last ? "else" : when} → ${outcomeText(action)}`, "      "),
    ),
  ];
}

function countText({ length }: readonly string[]): string {
  return length === 0 ? "numbers without a name" : `${length} ${length === 1 ? "call" : "calls"}`;
}

function abiLines({ abi, otherwise, constant, conditional }: AbiExplanation): readonly string[] {
  const rest = otherwise === undefined ? "it depends" : actionText(otherwise);
  const arch = `0x${tableOf(abi).audit.toString(16)}`;
  if (constant.length <= 1 && conditional.length === 0) {
    return [`${abi} (${arch}), every number: ${rest}`];
  }
  const groups = constant.flatMap(({ action, calls, unnamed }) => [
    `  ${actionText(action)} (${countText(calls)}):`,
    ...wrapped([...calls, ...unnamed.map(intervalText)], "    "),
  ]);
  const decided = conditional.length === 0 ? [] : ["  by arguments:", ...conditional.flatMap(callLines)];
  return [`${abi} (${arch}), every other number: ${rest}`, ...decided, ...groups];
}

/** An explanation for people: lines of text, without a final newline. */
export function explanationText({ abis, foreign, findings, unknown }: Explanation): string {
  const others = foreign === undefined ? "it depends" : actionText(foreign);
  const which = abis.length === 0 ? "every architecture" : "every other architecture";
  return [
    ...findings.map(({ severity, abi, message }) => `${severity}: ${abi === undefined ? "" : `${abi}: `}${message}`),
    ...(unknown === undefined ? [] : [`not followed: ${unknown.reason}`]),
    ...abis.flatMap(abiLines),
    `${which}: ${others}`,
  ].join("\n");
}
