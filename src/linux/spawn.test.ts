import { expect, test } from "vitest";
import { describeFailure, runChecked, runCommand, runCommandBytes } from "./spawn.ts";

test("runCommand gives status, both streams and takes input, words untouched by any shell", async () => {
  const result = await runCommand(["sh", "-c", 'cat; printf %s "$1"; echo e >&2; exit 3', "sh", "$(id) *"], {
    input: "in ",
  });
  expect(result).toEqual({ status: 3, signal: null, stdout: "in $(id) *", stderr: "e\n", timedOut: false });
});

test("runCommand tells a signal from a status, and a time-out from both", async () => {
  expect(await runCommand(["sh", "-c", "kill -TERM $$"])).toMatchObject({
    status: null,
    signal: "SIGTERM",
    timedOut: false,
  });
  expect(await runCommand(["sleep", "60"], { timeoutMs: 50 })).toMatchObject({
    status: null,
    signal: "SIGKILL",
    timedOut: true,
  });
});

test("runCommand gives the environment that it was given, and nothing else", async () => {
  expect((await runCommand(["/usr/bin/env"], { env: { ONLY: "this" } })).stdout).toBe("ONLY=this\n");
});

test("a program that does not read its input is no error; bytes stay bytes", async () => {
  const result = await runCommandBytes(["printf", "\\377\\000"], { input: new Uint8Array(1 << 20) });
  expect([...result.stdout]).toEqual([255, 0]);
});

test("a missing program and too much output are SystemErrors that name it", async () => {
  await expect(runCommand(["/no/such/program"])).rejects.toMatchObject({ path: "/no/such/program", code: "ENOENT" });
  await expect(runCommand(["yes"], { maxBytes: 1000 })).rejects.toThrow("more than 1000 bytes");
});

test("children that a program leaves behind hold nobody up, however they go on writing", async () => {
  const limited = runCommand(["sh", "-c", "yes & echo $!"], { maxBytes: 1 << 20 });
  await expect(limited).rejects.toThrow("more than 1048576 bytes");
  const began = Date.now();
  const { stdout } = await runCommand(["sh", "-c", "while echo x; do sleep 0.2; done & exit 0"]);
  expect(stdout).toContain("x\n");
  expect(Date.now() - began).toBeLessThan(14_000);
}, 20_000);

test("runChecked throws with the last words of a program that fails", async () => {
  expect(await runChecked(["echo", "fine"])).toBe("fine\n");
  await expect(runChecked(["sh", "-c", "echo no room >&2; exit 4"])).rejects.toThrow("run sh: exit status 4: no room");
  expect(describeFailure({ status: null, signal: "SIGKILL", stdout: "", stderr: "", timedOut: true })).toBe(
    "timed out",
  );
});
