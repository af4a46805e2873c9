/** Tests src/engines/box/entrance.ts and its programs against root inside, who may trace the keeper and so has all that it has. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Argument } from "../../src/core/action/action.ts";
import { compilePlan } from "../../src/core/elf/compile-plan.ts";
import { decodeRecords } from "../../src/core/elf/record.ts";
import { x8664 } from "../../src/core/elf/x86-64/x86-64.ts";
import type { Operation } from "../../src/core/plan/operation.ts";
import { type Box, bootBox } from "../../src/engines/box/box.ts";

let box: Box;
beforeAll(async () => {
  box = await bootBox();
});
afterAll(() => box?.down());

/** Takes the keeper's socket and asks it who is at its other end; the last message it gets is a program's. */
async function steal(): Promise<Map<string, string>> {
  const keeper = readFileSync(box.cgroup.replace(/box$/, "exec/cgroup.procs"), "utf8").trim();
  const thief = spawn("python3", [`${import.meta.dirname}/fixtures/entrance-thief.py`, keeper, "4"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = new Map<string, string>();
  for await (const line of createInterface({ input: thief.stdout })) {
    const [word = "", ...rest] = line.split(" ");
    said.set(word, rest.join(" "));
    if (word === "ready") {
      box.run(["true"], { timeoutMs: 1000 }).catch(() => undefined);
    }
  }
  return said;
}

test("who has the keeper's socket learns of no process of the machine: its maker has ended, and PID 1 of the box is the sender", async () => {
  const said = await steal();
  expect(said.get("maker")).toMatch(/^(-1|ESRCH|EINVAL|ENODATA)$/);
  expect(said.get("sender")).toBe(String(box.leader));
});

test("no socket is given to the box", async () => {
  const said = await steal();
  expect(said.get("given")).toMatch(/^pipe pipe pipe pipe pipe \/\S+\/cgroup.procs$/);
  const { stdout } = await box.run(["sh", "-c", "readlink /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2"]);
  expect(stdout).toMatch(/^(pipe:\[\d+\]\n){3}$/);
});

test("32-bit socketcall, in whose arguments no filter sees the option, finds no socket on any stream", async () => {
  const path = "/opt/ask";
  await box.writeFile(path, compilePlan({ operations: [0, 1, 2].map(askForMaker) }, x8664), 0o755);
  const child = box.spawn([path]);
  const said: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => said.push(chunk));
  await once(child, "close");
  const ENOTSOCK = -88;
  expect(decodeRecords(Buffer.concat(said)).map(({ value }) => Number(value))).toEqual([ENOTSOCK, ENOTSOCK, ENOTSOCK]);
});

const SYS_GETSOCKOPT = 15;
const SO_PEERPIDFD = 77;

/** `getsockopt(descriptor, SOL_SOCKET, SO_PEERPIDFD, …)` of a program for i386. */
function askForMaker(descriptor: number): Operation {
  const number = (value: number): Argument => ({ kind: "number", value: BigInt(value) });
  const to = (...words: readonly Argument[]): Argument => ({ kind: "pointers", to: words });
  const given = to(number(descriptor), number(1), number(SO_PEERPIDFD), to(number(0)), to(number(4)));
  const call = { abi: "i386", name: "socketcall", arguments: [number(SYS_GETSOCKOPT), given] } as const;
  return { kind: "call", name: `ask ${descriptor}`, call, onError: "record" };
}
