/**
 * Compiled plans and programs run on the real kernel; what strace sees of them is what the printed plan says. Tests src/core/elf
 * and src/core/plan.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Argument, Call } from "../../src/core/action/action.ts";
import { compilePlan } from "../../src/core/elf/compile-plan.ts";
import { compilePrograms, type ProgramStep } from "../../src/core/elf/compile-programs.ts";
import { decodeRecords } from "../../src/core/elf/record.ts";
import { x8664 } from "../../src/core/elf/x86-64/x86-64.ts";
import type { Abi, SyscallName } from "../../src/core/kernel/syscalls/syscall.ts";
import type { Operation } from "../../src/core/plan/operation.ts";
import { printPlan } from "../../src/core/plan/print.ts";

const number = (value: number | bigint): Argument => ({ kind: "number", value: BigInt(value) });
const text = (value: string): Argument => ({ kind: "text", text: value });
const call = (name: SyscallName, arguments_: readonly Argument[] = [], abi: Abi = "x86_64"): Call => ({
  abi,
  name,
  arguments: arguments_,
});
const operation = (
  name: string,
  what: Call,
  onError: "stop" | "record" = "stop",
): Operation & { readonly kind: "call" } => ({ kind: "call", name, call: what, onError });
const AT_FDCWD = number(-100);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cloison-elf-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
function install(file: Uint8Array): string {
  count += 1;
  const path = join(folder, `program-${count}`);
  writeFileSync(path, file, { mode: 0o755 });
  return path;
}

function attempt(file: Uint8Array) {
  return run(file, ["0"]);
}

function run(file: Uint8Array, args: readonly string[] = []) {
  const { status, signal, stdout, stderr } = spawnSync(install(file), args, { env: { GREETING: "hello" } });
  return { status, signal, stdout, stderr: stderr.toString(), records: decodeRecords(stdout) };
}

describe("compilePlan", () => {
  test("runs calls in order and passes results on", () => {
    const plan = {
      operations: [
        operation("fd", call("openat", [AT_FDCWD, text("/proc/self/comm"), number(0), number(0)])),
        operation(
          "got",
          call("read", [{ kind: "result", of: "fd" }, { kind: "room", size: 64, name: "comm" }, number(64)]),
        ),
        operation(
          "put",
          call("write", [number(1), { kind: "room", size: 64, name: "comm" }, { kind: "result", of: "got" }]),
        ),
      ],
    };
    const { status, stdout } = run(compilePlan(plan, x8664));
    expect({ status, text: stdout.toString() }).toEqual({ status: 0, text: `program-${count}\n` });
  });

  test("stops at the first failing step and says which", () => {
    const plan = {
      operations: [
        operation("id", call("getpid")),
        operation("fd", call("openat", [AT_FDCWD, text("/nonexistent"), number(0), number(0)])),
        operation("put", call("write", [number(1), text("never"), number(5)])),
      ],
    };
    const { status, stdout, stderr } = run(compilePlan(plan, x8664));
    expect({ status, text: stdout.toString(), stderr }).toEqual({
      status: 102,
      text: "",
      stderr: "step 2 (fd) failed\n",
    });
  });

  test("records a failure and goes on", () => {
    const plan = {
      operations: [
        operation("fd", call("openat", [AT_FDCWD, text("/nonexistent"), number(0), number(0)]), "record"),
        operation("closed", call("close", [number(77)]), "record"),
      ],
    };
    const { status, records } = run(compilePlan(plan, x8664));
    expect({ status, records }).toEqual({
      status: 0,
      records: [
        { kind: "step", index: 1, value: -2n },
        { kind: "step", index: 2, value: -9n },
      ],
    });
  });

  test("spawn runs a file with the environment and waits; a missing file is the error of execve", () => {
    const spawn = (name: string, path: string, argv: readonly string[]): Operation => ({
      kind: "spawn",
      name,
      path,
      argv,
      onError: "record",
    });
    const plan = {
      operations: [
        spawn("echo", "/bin/sh", ["sh", "-c", 'printf %s "$GREETING"']),
        spawn("missing", "/nonexistent", ["x"]),
      ],
    };
    const { status, stdout, records } = run(compilePlan(plan, x8664));
    expect(status).toBe(0);
    expect(stdout.subarray(0, 5).toString()).toBe("hello");
    expect(records).toEqual([
      { kind: "step", index: 1, value: 0n },
      { kind: "step", index: 2, value: -2n },
    ]);
  });

  test("child runs operations in a process of its own and tells its status or signal", () => {
    const child = (name: string, operations: readonly Operation[]): Operation => ({
      kind: "child",
      name,
      operations,
      onError: "record",
    });
    const plan = {
      operations: [
        child("good", [operation("a", call("getpid"))]),
        child("failing", [operation("b", call("close", [number(99)]))]),
        child("killed", [
          operation("me", call("getpid")),
          operation("kill", call("kill", [{ kind: "result", of: "me" }, number(9)])),
        ]),
      ],
    };
    const { status, records, stderr } = run(compilePlan(plan, x8664));
    expect({ status, stderr }).toEqual({ status: 0, stderr: "step 4 (b) failed\n" });
    expect(records).toEqual([
      { kind: "step", index: 1, value: 0n },
      { kind: "step", index: 3, value: 104n },
      { kind: "step", index: 5, value: -9n },
    ]);
  });

  test("what strace shows is the printed plan", () => {
    const plan = {
      operations: [
        operation("umask", call("umask", [number(0o77)])),
        operation("fd", call("openat", [AT_FDCWD, text('/tmp/"\\\n'), number(0o2000000), number(0)]), "record"),
        operation("mask32", call("umask", [number(0o22)], "i386")),
        operation("dup", call("dup3", [number(1), number(9), number(0)])),
      ],
    };
    expect(printPlan(plan, "x86_64")).toBe(
      [
        "  1  $umask = umask(63)",
        '  2  $fd = openat(-100, "/tmp/\\"\\\\\\x0a", 0x80000, 0)   # may fail',
        "  3  $mask32 = umask(18) through i386",
        "  4  $dup = dup3(1, 9, 0)",
        "",
      ].join("\n"),
    );
    const log = join(folder, "strace");
    const traced = spawnSync("strace", [
      "-qq",
      "-e",
      "trace=!execve,write",
      "-o",
      log,
      install(compilePlan(plan, x8664)),
    ]);
    expect(traced.status, traced.stderr.toString()).toBe(0);
    const lines = spawnSync("cat", [log]).stdout.toString().trim().split("\n");
    expect(lines.map((line) => line.replace(/\s+=.*|\s+\+\+\+.*/, ""))).toEqual([
      "umask(077)",
      'openat(AT_FDCWD, "/tmp/\\"\\\\\\n", O_RDONLY|O_CLOEXEC)',
      "umask(022)",
      "dup3(1, 9, 0)",
      "exit_group(0)",
    ]);
  });

  test("its memory is never both writable and executable", () => {
    const plan = {
      operations: [
        operation("fd", call("openat", [AT_FDCWD, text("/proc/self/maps"), number(0), number(0)])),
        operation(
          "got",
          call("read", [{ kind: "result", of: "fd" }, { kind: "room", size: 4096, name: "m" }, number(4096)]),
        ),
        operation(
          "put",
          call("write", [number(1), { kind: "room", size: 4096, name: "m" }, { kind: "result", of: "got" }]),
        ),
      ],
    };
    const maps = run(compilePlan(plan, x8664)).stdout.toString();
    expect(maps).toMatch(/^00400000-\w+ r-xp/m);
    expect(maps).toMatch(/^00600000-\w+ rw-p/m);
    expect(maps).toMatch(/rw-p .*\[stack\]/);
    expect(maps).not.toMatch(/ rwxp /);
  });
});

describe("compilePrograms", () => {
  const missing: ProgramStep = {
    name: "open",
    call: call("openat", [AT_FDCWD, text("/nonexistent"), number(0), number(0)]),
  };

  test("the first argument selects the program", () => {
    const programs = [1, 2, 3].map((step) => ({
      identity: [],
      steps: [{ name: "umask", call: call("umask", [number(step)]) }],
    }));
    const file = compilePrograms(programs, x8664);
    expect(run(file, ["2"]).records[0]).toEqual({ kind: "program", index: 2, value: 0n });
    expect(run(file, ["0"]).records[0]).toEqual({ kind: "program", index: 0, value: 0n });
    expect(run(file, ["3"]).status).toBe(98);
  });

  test("without an argument each program runs in a child, and how it ended is recorded", () => {
    const die = { name: "die", call: call("kill", [{ kind: "result", of: "me" }, number(9)]) };
    const me = { name: "me", call: call("getpid") };
    const file = compilePrograms(
      [
        { identity: [], steps: [{ name: "umask", call: call("umask", [number(1)]), exactly: process.umask() }] },
        { identity: [], steps: [me, die] },
        { identity: [], steps: [missing] },
      ],
      x8664,
    );
    const { status, records } = run(file);
    expect(status).toBe(0);
    expect(records.filter(({ kind }) => kind === "ended")).toEqual([
      { kind: "ended", index: 0, value: 95n << 8n },
      { kind: "ended", index: 1, value: 9n },
      { kind: "ended", index: 2, value: 256n },
    ]);
  });

  describe("programs that wait", () => {
    const program = { identity: [], steps: [missing] };

    /** What they say until they are given leave to go on, and afterwards. */
    function said(path: string, argument = "") {
      const script = `: >"$1"; "$0" $2 <"$1" & sleep 0.1; printf LEAVE; echo >"$1"; wait $!`;
      const { stdout } = spawnSync("/bin/sh", ["-c", script, path, `${path}-leave`, argument]);
      const at = stdout.indexOf("LEAVE");
      const told = (bytes: Buffer) =>
        decodeRecords(bytes).map(({ kind, index }) => (kind === "step" ? kind : `${kind} ${index}`));
      return [told(stdout.subarray(0, at)), told(stdout.subarray(at))];
    }

    test("begin when there is a byte in standard input, and not at all where it cannot be read", () => {
      const path = install(compilePrograms([program], x8664, { waitsAt: 0 }));
      expect(said(path)).toEqual([["waiting 0"], ["program 0", "step", "ended 0"]]);
      expect(spawnSync("/bin/sh", ["-c", '"$0" <&-', path]).status).toBe(94);
    });

    test("stand behind others that do not, in one process with them or by themselves", () => {
      const path = install(compilePrograms([program, program, program], x8664, { waitsAt: 1 }));
      const late = ["program 1", "step", "ended 1", "program 2", "step", "ended 2"];
      expect(said(path)).toEqual([["program 0", "step", "ended 0", "waiting 0"], late]);
      expect(said(path, "0")).toEqual([["program 0", "step"], []]);
      expect(said(path, "2")).toEqual([["waiting 0"], ["program 2", "step"]]);
    });
  });

  test("as PID 1 it runs no children", () => {
    const path = install(compilePrograms([{ identity: [], steps: [missing] }], x8664));
    expect(spawnSync("unshare", ["--pid", "--fork", path]).status).toBe(96);
  });

  test("a step that fails ends the program; what came before is recorded", () => {
    const steps = [{ name: "pid", call: call("getppid") }, missing, { name: "never", call: call("getppid") }];
    const { status, records } = attempt(compilePrograms([{ identity: [], steps }], x8664));
    expect(status).toBe(1);
    expect(records).toEqual([
      { kind: "program", index: 0, value: 0n },
      { kind: "step", index: 0, value: BigInt(process.pid) },
      { kind: "step", index: 1, value: -2n },
    ]);
  });

  test("errors behind the permission check, exact values, least values and optional steps", () => {
    const status = (step: Partial<ProgramStep>) =>
      attempt(compilePrograms([{ identity: [], steps: [{ ...missing, ...step }] }], x8664)).status;
    const umask = call("umask", [number(0)]);
    expect(status({})).toBe(1);
    expect(status({ past: ["EACCES", "ENOENT"] })).toBe(95);
    expect(status({ optional: true })).toBe(95);
    expect(status({ call: umask, exactly: process.umask() })).toBe(95);
    expect(status({ call: umask, exactly: process.umask() + 1 })).toBe(1);
    expect(status({ call: umask, atLeast: process.umask() })).toBe(95);
    expect(status({ call: umask, atLeast: process.umask() + 1 })).toBe(1);
  });

  test("an optional step that returns what makes an attack meaningless ends it", () => {
    const last: ProgramStep = { name: "umask", call: call("umask", [number(1)]) };
    const steps = (unless: number): readonly ProgramStep[] => [
      { name: "bad", call: call("close", [number(77)]), optional: true, unless },
      last,
    ];
    const values = (unless: number) =>
      attempt(compilePrograms([{ identity: [], steps: steps(unless) }], x8664)).records.filter(
        ({ kind }) => kind === "step",
      );
    expect(values(-9)).toEqual([{ kind: "step", index: 0, value: -9n }]);
    expect(values(1)).toHaveLength(2);
  });

  test("without a place to write to, the exit status says which step failed", () => {
    const steps = [{ name: "pid", call: call("getpid") }, { name: "close", call: call("close", [number(1)]) }, missing];
    expect(attempt(compilePrograms([{ identity: [], steps }], x8664)).status).toBe(102);
  });

  test("a death by signal keeps the records before it", () => {
    const steps = [
      { name: "me", call: call("getpid") },
      { name: "die", call: call("kill", [{ kind: "result", of: "me" }, number(31)]) },
    ];
    const { signal, records } = attempt(compilePrograms([{ identity: [], steps }], x8664));
    expect({ signal, count: records.length }).toEqual({ signal: "SIGSYS", count: 2 });
  });

  test("takes on an identity first, or says that it could not", () => {
    const third = [number(33), number(33), number(33)];
    const identity = [[call("setresgid", third)], [call("setresuid", third)]];
    const steps = [{ name: "uid", call: call("getuid") }];
    expect(attempt(compilePrograms([{ identity, steps }], x8664)).records.at(-1)).toEqual({
      kind: "step",
      index: 0,
      value: 33n,
    });
    const twice = [...identity, [call("setuid", [number(0)])]];
    const refused = attempt(compilePrograms([{ identity: twice, steps }], x8664));
    expect(refused.status).toBe(97);
    expect(refused.records.at(-1)).toEqual({ kind: "identity", index: 2, value: -1n });
    const dying = attempt(compilePrograms([{ identity: [[call("exit_group", [number(7)])]], steps }], x8664));
    expect({ status: dying.status, records: dying.records }).toEqual({ status: 7, records: [] });
    const either = [...identity, [call("setuid", [number(0)]), call("setuid", [number(33)])]];
    expect(attempt(compilePrograms([{ identity: either, steps }], x8664)).records.at(-1)?.value).toBe(33n);
  });

  test("i386 calls enter through the 32-bit gate, x32 calls carry their bit", () => {
    const of = (abi: Abi) =>
      attempt(compilePrograms([{ identity: [], steps: [{ name: "ppid", call: call("getppid", [], abi) }] }], x8664));
    expect(of("i386").records.at(-1)?.value).toBe(BigInt(process.pid));
    const x32 = of("x32").records.at(-1)?.value;
    expect([BigInt(process.pid), -38n]).toContain(x32);
  });

  test("a call that the ABI does not have is refused", () => {
    const steps = [{ name: "old", call: call("socketcall") }];
    expect(() => compilePrograms([{ identity: [], steps }], x8664)).toThrow("x86_64 has no socketcall");
  });
});
