/** `cloison seccomp` among pipes, odd places to write to and filters that decide in unusual ways. */
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encode } from "../../src/core/bpf/instruction.ts";
import { OPCODES } from "../../src/core/bpf/opcode.ts";
import { type CommandLine, commandLine, expectRefusal } from "./fixtures/command-line.ts";
import { instruction, noReboot } from "./fixtures/no-reboot.ts";

let cli: CommandLine;

/** Answers what the caller puts into an argument. */
const obedient = [instruction(OPCODES.LD_ABS, 16), instruction(0x16, 0)];

beforeAll(() => {
  cli = commandLine();
  cli.file("reboot.bpf", encode(noReboot, true));
  cli.file("obedient.bpf", encode(obedient, true));
  cli.file(
    "wide.json",
    `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ERRNO",
      "args": [{"index": 1, "value": 18446744073709551614, "op": "SCMP_CMP_EQ"}]}]}`,
  );
});
afterAll(() => cli.remove());

/** A line for bash, in which $cs is the verb. */
function shell(line: string): { status: number | null; stdout: string; stderr: string } {
  const cs = `${process.execPath} ${cli.program} seccomp`;
  return spawnSync("bash", ["-c", line.replaceAll("$cs", cs)], {
    encoding: "utf8",
    cwd: cli.directory,
    timeout: 60_000,
  });
}

test("a filter is itself, also one that looks at no architecture or cannot be followed", async () => {
  expect((await cli.run(["seccomp", "prove", "reboot.bpf", "reboot.bpf"])).status).toBe(0);
  expect((await cli.run(["seccomp", "prove", "obedient.bpf", "obedient.bpf"])).status).toBe(3);
});

test("what a profile cannot say of a filter is said beside it", async () => {
  const made = await cli.run(["seccomp", "decompile", "reboot.bpf", "--to", "oci"]);
  expect(made.stderr).toContain("what other architectures get depends on their numbers");
});

test("numbers of 64 bits are kept as JSON, too", async () => {
  const made = await cli.run(["seccomp", "decompile", "wide.json", "--arch", "x86_64", "--to", "oci", "--json"]);
  expect(JSON.parse(made.stdout).text).toContain('"value": 18446744073709551614,');
});

test("filters come from pipes that a shell opens, and from standard input once", () => {
  const same = shell("$cs diff <(cat reboot.bpf) - < reboot.bpf");
  expect(same, same.stderr).toMatchObject({ status: 0 });
  expect(shell("cat reboot.bpf | $cs explain /dev/stdin").stdout).toContain("reboot");
  const twice = shell("$cs diff - - < reboot.bpf");
  expect(twice).toMatchObject({ status: 2, stderr: expect.stringContaining("standard input has already been read") });
  const filterToo = shell("$cs emulate - --stdin < reboot.bpf");
  expect(filterToo).toMatchObject({ status: 2, stderr: expect.stringContaining("--stdin") });
  const endless = shell("$cs explain <(cat /dev/zero)");
  expect(endless).toMatchObject({ status: 2, stderr: expect.stringContaining("is too large") });
});

test("emulate ends when nobody reads its answers any more, though the questions do not", () => {
  const line = `yes '{"arch": "x86_64", "nr": 169}' | $cs emulate reboot.bpf --stdin | head -n 1`;
  expect(shell(line)).toMatchObject({ status: 0, stdout: "ERRNO(1)\n" });
});

test("names that no file can have are refused before any work", async () => {
  expectRefusal(await cli.run(["seccomp", "compile", "reboot.bpf", "--out", ""]), 2, "the file name is empty");
  const long = await cli.run(["seccomp", "compile", "reboot.bpf", "--out", "a".repeat(300)]);
  expect(long.status).toBe(3);
  expect(long.stderr).toMatch(/^error: write a+: /);
});

test("a full disk behind standard output is said in a line", () => {
  for (const words of ["explain reboot.bpf", "compile reboot.bpf --out - --format raw"]) {
    const end = shell(`$cs ${words} > /dev/full`);
    expect(end).toMatchObject({ status: 3, stderr: "error: print: no space left on device\n" });
  }
});

test("dump takes a process or a command", async () => {
  expectRefusal(await cli.run(["seccomp", "dump", "1", "--", "true"]), 2, "a process or a command, not both");
});

test("a dump that leaves nothing to write is no success", async () => {
  const end = await cli.run(["seccomp", "dump", String(process.pid), "--out", "none"]);
  expect(end).toMatchObject({ status: 3, stderr: "error: there is no one filter to be written\n" });
});

test("what cannot be followed is not decided, which is no mistake of the user's, and nothing is written", async () => {
  for (const words of [["compile"], ["merge"], ["decompile", "--to", "oci"], ["decompile", "--to", "systemd"]]) {
    const end = await cli.run(["seccomp", ...words, "obedient.bpf", "--out", "none"]);
    expect([end.status, end.stdout], words.join(" ")).toEqual([3, ""]);
    expect(end.stderr).toMatch(/^error: .*instruction 1: /);
  }
  expect((await cli.run(["seccomp", "disasm", "none"])).status).toBe(2);
});

test("help VERB is VERB --help, in a group of verbs, too", async () => {
  const help = await cli.run(["seccomp", "help", "compile"]);
  expect(help).toMatchObject({ status: 0, stdout: (await cli.run(["seccomp", "compile", "--help"])).stdout });
  expect((await cli.run(["seccomp", "help"])).stdout).toContain("usage: cloison seccomp VERB");
});

test("dump says why a command could not run, and leaves nothing behind when it is interrupted", async () => {
  const none = await cli.run(["seccomp", "dump", "--", cli.directory]);
  expect([none.status, none.stdout]).toEqual([3, ""]);
  expect(none.stderr).toContain("error: trace ");
  const nowhere = shell("TMPDIR=/nowhere $cs dump -- true");
  expect(nowhere).toMatchObject({ status: 3, stderr: expect.stringContaining("error: make a file in /nowhere") });
  const left = shell("mkdir tmp; TMPDIR=$PWD/tmp timeout -s INT 2 $cs dump -- sleep 4; echo $?; ls tmp");
  expect(left.stdout).toBe("124\n");
});
