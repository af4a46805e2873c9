import { describe, expect, test } from "vitest";
import { PROGRAM_EXIT } from "../elf/compile-programs.ts";
import { call, number, step } from "../probes/act.ts";
import { setting } from "../sandbox/origin.ts";
import { conclude } from "./conclude.ts";
import { type Observed, observed, type Run } from "./observed.ts";
import type { Prediction } from "./predict.ts";

const steps = [
  step("open", call("close", number(1))),
  step("read", call("close", number(2)), [], { atLeast: 1, past: ["ENOENT"] }),
];
const record = (index: number, value: bigint) => ({ kind: "step", index, value }) as const;
const exited = (status: number) => ({ kind: "exited", status }) as const;
const run = (change: Partial<Run>): Run => ({
  records: [],
  began: true,
  ending: exited(PROGRAM_EXIT.through),
  ...change,
});

describe("observed", () => {
  test("all steps got through", () => {
    expect(observed(steps, run({ records: [record(0, 3n), record(1, 8n)] }))).toEqual({
      kind: "through",
      evidence: "close(1) = 3; close(2) = 8",
    });
    expect(observed(steps, run({ records: [record(0, 3n), record(1, -2n)] })).kind).toBe("through");
  });

  test("a step failed: with which error, or for want of bytes", () => {
    expect(observed(steps, run({ records: [record(0, -30n)], ending: exited(1) }))).toEqual({
      kind: "stopped",
      step: "open",
      answer: "EROFS",
      evidence: "close(1) = EROFS",
    });
    expect(observed(steps, run({ records: [record(0, 3n), record(1, 0n)], ending: exited(1) }))).toMatchObject({
      kind: "stopped",
      step: "read",
      answer: "0",
    });
  });

  test("a step that waits for an answer tells what it heard", () => {
    const answers = [
      { means: "yes", bytes: [1] },
      { means: "no", bytes: [2] },
    ];
    const heard = (value: bigint) =>
      observed([step("ask", call("close"), [], { answers, exactly: 1 })], run({ records: [record(0, value)] }));
    expect(heard(1n)).toEqual({ kind: "through", evidence: "close() = yes" });
    expect(heard(2n)).toMatchObject({ kind: "stopped", answer: "no" });
    expect(heard(0n)).toMatchObject({ kind: "stopped", answer: "the other end has closed" });
    expect(heard(-11n)).toMatchObject({ kind: "stopped", answer: "EAGAIN" });
  });

  test("an optional step stops nothing but where the attack would mean nothing", () => {
    const optional = [step("pid", call("close"), [], { optional: true, unless: 1 })];
    const kindOf = (value: bigint) => observed(optional, run({ records: [record(0, value)] })).kind;
    expect([kindOf(1n), kindOf(2n), kindOf(-1n)]).toEqual(["stopped", "through", "through"]);
  });

  test("a filter killed it at the step after the last record", () => {
    const ending = { kind: "killed", signal: "SIGSYS" } as const;
    expect(observed(steps, run({ records: [record(0, 3n)], ending }))).toMatchObject({ kind: "stopped", step: "read" });
    expect(observed(steps, run({ began: false, ending })).kind).toBe("undecided");
    const faulty = { kind: "killed", signal: "SIGSEGV" } as const;
    expect(observed(steps, run({ ending: faulty }))).toMatchObject({ reason: expect.stringContaining("SIGSEGV") });
  });

  test("without records the exit status tells", () => {
    expect(observed(steps, run({ began: false })).kind).toBe("through");
    expect(observed(steps, run({ began: false, ending: exited(101) }))).toMatchObject({
      kind: "stopped",
      step: "read",
    });
  });

  test("status 0 is what systemd before 253 tells of a command that it could not execute and skipped", () => {
    expect(observed(steps, run({ began: false, ending: exited(0) })).kind).toBe("undecided");
  });

  test("what never ran, or could not become another, is undecided", () => {
    expect(observed(steps, undefined).kind).toBe("undecided");
    expect(observed(steps, run({ ending: exited(226) }))).toMatchObject({ reason: expect.stringContaining("226") });
    expect(observed(steps, run({ ending: exited(1) })).kind).toBe("undecided");
    const identity = { kind: "identity", index: 2, value: -1n } as const;
    expect(observed(steps, run({ records: [identity], ending: exited(97) }))).toMatchObject({
      reason: expect.stringContaining("EPERM"),
    });
    expect(observed(steps, run({ records: [record(1, 3n)] })).kind).toBe("undecided");
  });
});

describe("conclude", () => {
  const through: Observed = { kind: "through", evidence: "e" };
  const stopped: Observed = { kind: "stopped", step: "open", answer: "EROFS", evidence: "e" };
  const lost: Observed = { kind: "undecided", reason: "it never ran", evidence: "" };
  const denied: Prediction = {
    kind: "denied",
    step: "open",
    by: [setting("A", "yes"), setting("B", "yes")],
    as: { errno: "EROFS" },
  };
  const allowed: Prediction = { kind: "allowed" };
  const unclear: Prediction = { kind: "unknown", step: "open", reason: "r" };

  test.each([
    [
      denied,
      stopped,
      {
        outcome: "holds",
        open: false,
        reason: "stopped by A=yes, B=yes",
        stoppedBy: [setting("A", "yes"), setting("B", "yes")],
      },
    ],
    [denied, through, { outcome: "violated", open: false }],
    [allowed, through, { outcome: "holds", open: true }],
    [allowed, stopped, { outcome: "unknown", open: false }],
    [denied, lost, { outcome: "unknown", reason: "it never ran" }],
    [unclear, stopped, { outcome: "unknown", reason: "the model cannot tell: r" }],
  ] as const)("%o and %o", (prediction, attack, expected) => {
    expect(conclude(prediction, attack, through)).toMatchObject({ control: "passed", ...expected });
  });

  test("only what is stopped as predicted has walls that stop it", () => {
    for (const [prediction, attack, control] of [
      [denied, through, through],
      [denied, stopped, stopped],
      [allowed, through, through],
      [allowed, stopped, through],
      [unclear, stopped, through],
    ] as const) {
      expect(conclude(prediction, attack, control)).not.toHaveProperty("stoppedBy");
    }
  });

  test("without a control that got through nothing is known", () => {
    for (const control of [stopped, lost]) {
      for (const attack of [through, stopped]) {
        expect(conclude(denied, attack, control)).toMatchObject({ control: "failed", outcome: "unknown", open: false });
      }
    }
  });
});
