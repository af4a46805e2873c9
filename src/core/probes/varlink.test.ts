/** What a daemon is asked by Varlink. Tests src/core/probes/varlink.ts. */
import { expect, test } from "vitest";
import { getsThrough } from "../verdict/observed.ts";
import { orderJournal } from "./logs/order-journal.ts";
import { ordinaryMachine } from "./ordinary-machine.ts";

test("the journal is asked for what changes nothing; an error is not getting through, nor is a closed connection", () => {
  const steps = orderJournal.steps(ordinaryMachine);
  const [, , ask, obeyed] = "notApplicable" in steps ? [] : steps;
  const asked = ask?.action.call.arguments[1];
  expect(String.fromCharCode(...(asked?.kind === "bytes" ? asked.bytes : []))).toBe(
    '{"method":"io.systemd.service.SetLogLevel","parameters":{"level":6}}\0',
  );
  // As systemd prints them.
  const marks = obeyed?.answers?.map(({ bytes }) => String.fromCharCode(...bytes)) ?? [];
  const answered = (text: string) => marks.findIndex((mark) => text.includes(mark)) + 1;
  expect(answered('{"error":"org.varlink.service.PermissionDenied","parameters":{}}\0')).toBe(1);
  expect(answered('{"error":"org.varlink.service.MethodNotFound","parameters":{"method":"x"}}\0')).toBe(2);
  expect(answered('{"error":"org.varlink.service.InvalidParameter","parameters":{}}\0')).toBe(0);
  expect(answered('{"parameters":{}}\0')).toBe(3);
  expect(answered("{}\0")).toBe(4);
  const through = [0n, 1n, 2n, 3n, 4n].map((value) => obeyed !== undefined && getsThrough(obeyed, value));
  expect(through).toEqual([false, false, true, true, true]);
});

test("a daemon that does not listen is not asked", () => {
  expect(orderJournal.steps({ ...ordinaryMachine, peers: [] })).toEqual({
    notApplicable: "nobody listens at /run/systemd/journal/io.systemd.journal",
  });
});
