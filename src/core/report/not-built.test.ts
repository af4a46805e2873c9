import { expect, test } from "vitest";
import { never } from "../directives/directive.ts";
import type { NotBuilt } from "../synthesis/witness.ts";
import { notBuiltLines, notBuiltParts, settingText } from "./not-built.ts";

const all: readonly NotBuilt[] = [
  { directive: "TasksMax", value: "", witness: { kind: "never", reason: never("A limit kills.").never } },
  { directive: "PrivateNetwork", value: "yes", witness: { kind: "never", reason: "It was seen to use the network." } },
  {
    directive: "MemoryDenyWriteExecute",
    value: "yes",
    witness: {
      kind: "evidence",
      evidence: "seen",
      action: "mprotect",
      phases: ["start"],
      programs: ["/usr/bin/a", "/usr/bin/b"],
    },
  },
  { directive: "PrivateTmp", value: "yes", witness: { kind: "rehearsal", reason: "reload fails" } },
];

test("notBuiltLines: what a person can change comes first, each in words", () => {
  expect(notBuiltLines(all)).toEqual([
    { directive: "PrivateTmp", value: "yes", why: "rehearsal", reason: "rehearsed with it: reload fails" },
    {
      directive: "MemoryDenyWriteExecute",
      value: "yes",
      why: "seen",
      reason: "it would refuse what was seen: mprotect (/usr/bin/a and 1 more)",
    },
    { directive: "TasksMax", value: "", why: "never", reason: "A limit kills." },
    { directive: "PrivateNetwork", value: "yes", why: "never", reason: "It was seen to use the network." },
  ]);
});

test("notBuiltParts: what is never written for any service stands apart", () => {
  const { weighed, never: names } = notBuiltParts(notBuiltLines(all));
  expect(weighed.map(({ directive }) => directive)).toEqual(["PrivateTmp", "MemoryDenyWriteExecute", "PrivateNetwork"]);
  expect(names).toEqual(["TasksMax="]);
});

test("settingText: a long list is cut", () => {
  const [line] = notBuiltLines(all);
  expect(settingText(line!)).toBe("PrivateTmp=yes");
  expect(settingText({ ...line!, value: "x".repeat(100) })).toBe(`PrivateTmp=${"x".repeat(60)}…`);
});
