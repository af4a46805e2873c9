/** Steps that wait for one of several answers, against a peer that says them in pieces. Tests src/core/elf/emit-reply.ts. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Argument } from "../../src/core/action/action.ts";
import { compilePrograms, type ProgramStep } from "../../src/core/elf/compile-programs.ts";
import { decodeRecords } from "../../src/core/elf/record.ts";
import { x8664 } from "../../src/core/elf/x86-64/x86-64.ts";
import { call, number, resultOf, room } from "../../src/core/probes/act.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cloison-answers-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;

describe("a step that waits for answers", () => {
  /** What a program hears from a peer that says these pieces, a moment apart, and then hangs up or stays silent. */
  async function heard(pieces: readonly string[], answers: readonly string[], then: "closes" | "stays" = "closes") {
    count += 1;
    const path = join(folder, `peer-${count}`);
    const program = join(folder, `program-${count}`);
    const bytes = (content: string): readonly number[] => [...Buffer.from(content, "latin1")];
    const server = createServer(async (socket) => {
      socket.on("error", () => undefined);
      for (const piece of pieces) {
        socket.write(piece, "latin1");
        await sleep(60);
      }
      if (then === "closes") {
        socket.destroy();
      }
    });
    server.listen(path);
    await once(server, "listening");
    const sockaddr: Argument = { kind: "bytes", bytes: [1, 0, ...bytes(path), 0] };
    const socket = resultOf("socket");
    const steps: readonly ProgramStep[] = [
      { name: "socket", call: call("socket", number(1), number(0x801), number(0)) },
      { name: "connect", call: call("connect", socket, sockaddr, number(path.length + 3)) },
      {
        name: "answer",
        call: call("read", socket, room(64, "said"), number(64)),
        answers: answers.map(bytes),
        exactly: 1,
      },
    ];
    writeFileSync(program, compilePrograms([{ identity: [], steps }], x8664), { mode: 0o755 });
    const child = spawn(program, ["0"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const out: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    const [status] = await once(child, "close");
    server.close();
    return { status, value: decodeRecords(Buffer.concat(out)).at(-1)?.value };
  }

  test.each<[string, readonly string[], readonly string[], bigint, number]>([
    ["at the beginning", ["OK 1234\r\n"], ["OK ", "NO"], 1n, 95],
    ["in the middle, with a byte 0 and all bits", ["ab\0\xff\x80cd"], ["\0\xff\x80"], 1n, 95],
    ["at the very end", ["xxxxOK"], ["OK"], 1n, 95],
    ["after its own beginning", ["aaab"], ["aab"], 1n, 95],
    ["in a later piece", ["hello", "there", "OK"], ["OK"], 1n, 95],
    ["another answer", ["hello", "NO"], ["OK", "NO"], 2n, 1],
    ["the first of two that are there", ["NO OK"], ["OK", "NO"], 1n, 95],
    ["nothing but less than an answer", ["O"], ["OK"], 0n, 1],
    ["nothing before the end", [], ["OK"], 0n, 1],
    ["behind what filled the room", ["x".repeat(62), "OK"], ["OK"], 1n, 95],
  ])("hears it %s", async (_, pieces, answers, value, status) => {
    expect(await heard(pieces, answers)).toEqual({ status, value });
  });

  test("does not wait for ever", async () => {
    expect(await heard(["hello"], ["OK"], "stays")).toEqual({ status: 1, value: -11n });
  });

  test("answers are sought in a named room, and are not empty", () => {
    const read = (into: Argument, answers: readonly (readonly number[])[]) => () =>
      compilePrograms(
        [{ identity: [], steps: [{ name: "x", call: call("read", number(0), into, number(8)), answers }] }],
        x8664,
      );
    expect(read(room(8), [[1]])).toThrow(RangeError);
    expect(read(room(8, "r"), [[1], []])).toThrow(RangeError);
  });
});
