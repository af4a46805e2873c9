import { expect, test } from "vitest";
import { endingOf, endings, runsIn, runsOf } from "./transcript.ts";

/** As `systemctl show -p ExecStart` of systemd 257 prints it. */
const SHOWN = [
  "{ path=/opt/a b/server ; argv[]=/opt/a b/server 0 ; ignore_errors=yes ; start_time=[n/a] ; stop_time=[n/a] ; pid=12 ; code=exited ; status=1 }",
  "{ path=/opt/a b/server ; argv[]=/opt/a b/server 1 ; ignore_errors=yes ; start_time=[n/a] ; stop_time=[n/a] ; pid=13 ; code=killed ; status=31/SYS }",
  "{ path=/opt/a b/server ; argv[]=/opt/a b/server 2 ; ignore_errors=yes ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }",
].join("\n");

function record(kind: number, index: number, value: number): number[] {
  return [0x43, 0x4c, 0x53, 0x4e, kind, 0, index, 0, ...new Uint8Array(new BigInt64Array([BigInt(value)]).buffer)];
}

test("endings reads the status of each command; one that never ran has none", () => {
  expect([...endings(SHOWN)]).toEqual([
    [0, { kind: "exited", status: 1 }],
    [1, { kind: "killed", signal: "SIGSYS" }],
  ]);
});

test("endingOf reads a wait status", () => {
  expect(endingOf(0x0100)).toEqual({ kind: "exited", status: 1 });
  expect(endingOf(31)).toEqual({ kind: "killed", signal: "SIGSYS" });
  expect(endingOf(0x80 | 11)).toEqual({ kind: "killed", signal: "SIGSEGV" });
});

test("runsIn gives each program its steps, also those of a program that it became", () => {
  const output = Uint8Array.from([
    ...record(1, 0, 0),
    ...record(2, 0, 3),
    ...record(4, 0, 0),
    ...record(1, 1, 0),
    ...record(4, 1, 31),
    ...record(4, 2, 0x6100),
  ]);
  const runs = runsIn(output);
  expect(runs.get(0)).toEqual({
    records: [{ kind: "step", index: 0, value: 3n }],
    began: true,
    ending: { kind: "exited", status: 0 },
  });
  expect(runs.get(1)).toEqual({ records: [], began: true, ending: { kind: "killed", signal: "SIGSYS" } });
  expect(runs.get(2)).toEqual({ records: [], began: false, ending: { kind: "exited", status: 0x61 } });
});

test("that the programs wait belongs to none of them", () => {
  const output = Uint8Array.from([...record(1, 0, 0), ...record(2, 0, 3), ...record(5, 0, 0), ...record(1, 1, 0)]);
  expect(runsIn(output).get(0)?.records).toEqual([{ kind: "step", index: 0, value: 3n }]);
  expect(runsIn(output).get(1)?.records).toEqual([]);
});

test("runsOf takes the end from the parent, else from systemd, else says that it is lost", () => {
  const runs = runsOf([0, 1, 2], Uint8Array.from([...record(1, 1, 0), ...record(4, 0, 0)]), SHOWN, "why");
  expect(runs.get(0)?.ending).toEqual({ kind: "exited", status: 0 });
  expect(runs.get(1)).toEqual({ records: [], began: true, ending: { kind: "killed", signal: "SIGSYS" } });
  expect(runs.get(2)?.ending).toEqual({ kind: "lost", reason: "why" });
});
