import { expect, test } from "vitest";
import { type Judgement, type Scene, tableOf } from "./agreement.ts";

const host = { systemd: 257, machine: "x86_64", user: () => undefined, directories: [], executables: [] } as const;
const attacks = ["a", "b"].map((probe) => ({ probe, steps: [] }));
const controls: Scene["controls"] = new Map([
  ["a", { kind: "through", evidence: "" }],
  ["b", { kind: "through", evidence: "" }],
]);
const scene: Scene = {
  questions: [{ case: { directive: "ProtectClock", value: "yes", beside: [] }, host, surroundings: {}, attacks }],
  controls,
  ineffective: new Map(),
  notApplicable: [],
};
const through: Judgement = { kind: "through", evidence: "0" };
const stopped: Judgement = { kind: "stopped", evidence: "EPERM" };
const lost: Judgement = { kind: "undecided", reason: "it never ran" };

function statuses(answers: Readonly<Record<string, readonly Judgement[]>>, which: Scene = scene) {
  const table = tableOf(which, new Map(Object.entries(answers).map(([judge, row]) => [judge, [row]])));
  return table.map(({ status }) => status);
}

test("any number of judges agree only if all say the same", () => {
  expect(statuses({ one: [stopped, through], two: [stopped, through], three: [stopped, through] })).toEqual([
    "agree",
    "agree",
  ]);
  expect(statuses({ one: [stopped, through], two: [stopped, through], three: [stopped, stopped] })).toEqual([
    "agree",
    "disagree",
  ]);
});

test("who does not decide, or does not answer, leaves the cell undecided with the reason", () => {
  expect(statuses({ one: [stopped, stopped], two: [lost] })).toEqual([
    { undecided: "it never ran" },
    { undecided: "two did not answer" },
  ]);
});

test("that a unit does not start is agreed on, contradicted by its start, and undecided where it was not foreseen", () => {
  const foreseen: Judgement = { kind: "unstarted", evidence: "ProcSubset=" };
  const failed: Judgement = { kind: "unstarted", evidence: "status 226", seen: true };
  expect(statuses({ model: [foreseen, foreseen], systemd: [failed, stopped] })).toEqual(["agree", "disagree"]);
  expect(statuses({ model: [stopped, through], systemd: [failed, failed] })).toEqual([
    { undecided: "status 226" },
    { undecided: "status 226" },
  ]);
});

test("a caveat takes agreement away, not disagreement", () => {
  const idle: Judgement = { ...through, caveat: "ProtectClock= is not enforced" };
  expect(statuses({ one: [idle, idle], two: [through, stopped] })).toEqual([
    { undecided: "ProtectClock= is not enforced" },
    "disagree",
  ]);
});

test("an attack whose control did not get through is undecided, one without a control has no cell", () => {
  const half: Scene = { ...scene, controls: new Map([["a", { kind: "undecided", reason: "lost", evidence: "" }]]) };
  expect(statuses({ one: [stopped, stopped], two: [stopped, stopped] }, half)).toEqual([
    { undecided: "the control did not get through" },
  ]);
});
