import { expect, test } from "vitest";
import type { Observation } from "./action.ts";
import { readObservation, writeObservation } from "./document.ts";
import { gapText } from "./gap.ts";
import { merge } from "./merge.ts";

/** One call as version 1 wrote it. */
function before(call: string, needs: readonly object[]): string {
  const action = `{"call":{"abi":"x86_64","name":"${call}","arguments":[]},"needs":${JSON.stringify(needs)}}`;
  return `{"action":${action},"result":"ok","phases":["start"],"identities":[{"uid":0,"gid":0}],"executables":["/x"],"count":1,"hosts":[]}`;
}

const chown = { kind: "capability", capability: "CAP_CHOWN", over: "own" };
const VERSION_1 = `{"schema":"cloison.observation/1","unit":"a.service","phases":["start"],"gaps":[{"reason":"a line of openat was not understood","count":2}],"seen":[
${before("restart_syscall", [])},
${before("restart_syscall", [chown])},
${before("chown", [chown])}
]}
`;

test("an observation of version 1 is read: its gaps in its words, its stand-in as no call", () => {
  const read = readObservation(VERSION_1);
  if (!read.ok) {
    throw new Error(JSON.stringify(read.diagnostics));
  }
  expect(read.value.gaps.map(gapText)).toEqual(["a line of openat was not understood (2 times)"]);
  const calls = read.value.seen.map(({ action: { call } }) => ("name" in call ? call.name : call.kind));
  expect(calls.toSorted()).toEqual(["chown", "none", "restart_syscall"]);
  const written = writeObservation(read.value);
  expect(written).toContain('"schema":"cloison.observation/2"');
  expect(readObservation(written)).toEqual(read);
});

test.each([
  ['"result":"ok"', '"result":"fine"', 'seen[0].result is not "ok" or the name of an error', '"fine"'],
  ['"uid":0', '"uid":-1', "seen[0].identities[0].uid is not an integer from 0 to 4294967295", "-1"],
  ['"count":1,', "", "seen[0].count is not there", '{"action"'],
  ['"count":2', '"count":2,"count":3', 'gaps[0] has "count" twice', '"count":3'],
])("a mistake is named by line and column: %s as %s", (right, wrong, said, where) => {
  const text = VERSION_1.replace(right, wrong);
  const lines = text.split("\n");
  const line = lines.findIndex((each) => each.includes(where));
  const column = (lines[line] ?? "").indexOf(where) + 1;
  const [diagnostic] = readObservation(text, "o.json").diagnostics;
  expect(diagnostic?.message).toBe(`observation.${said}`);
  expect(diagnostic?.span).toEqual({ file: "o.json", line: line + 1, column });
  expect(diagnostic?.help).toBe("was the file edited by hand?");
});

test("a version that is not known is refused where it stands", () => {
  const [diagnostic] = readObservation('{\n  "schema": "cloison.observation/9"\n}', "o.json").diagnostics;
  expect(diagnostic).toEqual({
    code: "observation-schema",
    severity: "error",
    message: 'the document is of schema "cloison.observation/9", not cloison.observation/2',
    help: "use one that `cloison observe` wrote",
    span: { file: "o.json", line: 2, column: 3 },
  });
});

test("what a ring did is kept apart from a call of the same name", () => {
  const called = before("chown", [chown]);
  const text = `{"schema":"cloison.observation/2","unit":"a.service","phases":["start"],"gaps":[],"seen":[
${called},
${called.replace('"arguments":[]', '"arguments":[],"through":"ring"')}
]}
`;
  const read = readObservation(text);
  expect(read.ok && read.value.seen.map(({ action: { call } }) => ("name" in call ? call.through : "none"))).toEqual([
    undefined,
    "ring",
  ]);
  expect(read.ok && readObservation(writeObservation(read.value))).toEqual(read);
});

test("what was used at most is kept, and of two runs the greater figures", () => {
  const run = (tasks: number, memory: number): Observation => ({
    ...{ schema: "cloison.observation/2", unit: "a.service", seen: [], gaps: [], phases: [] },
    peak: { tasks, memory, files: 4 },
  });
  expect(readObservation(writeObservation(run(3, 700)))).toMatchObject({ ok: true, value: run(3, 700) });
  const { peak: _, ...unseen } = run(1, 1);
  expect(merge(run(3, 700), run(5, 20)).peak).toEqual({ tasks: 5, memory: 700, files: 4 });
  expect(merge(unseen, run(5, 20)).peak).toEqual({ tasks: 5, memory: 20, files: 4 });
  expect(merge(unseen, unseen)).toEqual(unseen);
});
