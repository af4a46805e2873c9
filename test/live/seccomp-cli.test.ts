/** `cloison seccomp` as a user runs it: what comes out, and the exit status of each way to end. Tests src/cli/seccomp. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encode } from "../../src/core/bpf/instruction.ts";
import { OPCODES } from "../../src/core/bpf/opcode.ts";
import { ensureProfiles } from "../../tools/setup/profiles.mjs";
import { type CommandLine, commandLine, type Ended, ended, expectRefusal } from "./fixtures/command-line.ts";
import { instruction, noReboot, ret } from "./fixtures/no-reboot.ts";

let cli: CommandLine;
const profiles = ensureProfiles((line) => console.log(line));

/** Adds up two halves of arguments: nothing that can be followed. */
const opaque = [
  instruction(OPCODES.LD_ABS, 16),
  instruction(0x07, 0),
  instruction(OPCODES.LD_ABS, 24),
  instruction(0x0c, 0),
  instruction(OPCODES.JEQ, 7, 0, 1),
  ret(0x00050001),
  ret(0x7fff0000),
];

const unit = [
  "[Service]",
  "ExecStart=/usr/bin/sleep 300",
  "SystemCallFilter=@system-service",
  "SystemCallErrorNumber=EPERM",
  "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
  "LockPersonality=yes",
  "",
].join("\n");

beforeAll(() => {
  cli = commandLine();
  cli.file("reboot.bpf", encode(noReboot, true));
  cli.file("big.bpf", encode(noReboot, false));
  cli.file("opaque.bpf", encode(opaque, true));
  cli.file("cut.bpf", encode(noReboot, true).subarray(0, 13));
  cli.file("jump.bpf", encode([instruction(0x05, 9), ret(0)], true));
  cli.file("bit.bpf", "ld nr\njeq 0x400000a9, no\nret ALLOW\nno: ret ERRNO(1)\n");
  cli.file("reboot.asm", "ret ERRNO(EPERM)\n");
  cli.file("empty.bpf", new Uint8Array());
  cli.file("app.service", unit);
  cli.file("app.service.d/more.conf", "[Service]\nRestrictNamespaces=yes\n");
  cli.file("wrong.json", '{\n  "defaultAction": "SCMP_ACT_DENY"\n}\n');
});
afterAll(() => cli.remove());

const seccomp = (...words: readonly string[]): Promise<Ended> => cli.run(["seccomp", ...words]);

/** Standard output of a run that must end well. */
async function said(...words: readonly string[]): Promise<string> {
  const end = await seccomp(...words);
  expect(end, end.stderr).toMatchObject({ status: 0 });
  return end.stdout;
}

function fed(input: string, ...words: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [cli.program, "seccomp", ...words], {
    input,
    encoding: "utf8",
    cwd: cli.directory,
  });
}

test("compile and prove: a profile's filter is small and proved, another profile's has a witness", async () => {
  const compiled = ["compile", "--from", "oci", profiles.docker, "--arch", "x86_64", "--out", "docker.bpf"];
  expect(await said(...compiled)).toMatch(/^\d+ instructions, proved: docker\.bpf\n$/);
  const size = readFileSync(join(cli.directory, "docker.bpf")).length / 8;
  expect(size).toBeLessThanOrEqual(90);
  expect(JSON.parse(await said("prove", "--from", "oci", profiles.docker, "docker.bpf", "--json"))).toEqual({
    schema: "cloison.proof/1",
    holds: true,
    instructions: size,
  });
  const other = await seccomp("prove", "--from", "oci", profiles.podman, "docker.bpf", "--json");
  expect(other.status).toBe(1);
  const { holds, witness, expected, actual } = JSON.parse(other.stdout);
  expect(holds).toBe(false);
  expect(expected).not.toBe(actual);
  // The witness is one: the filter really answers so.
  expect(fed(`${JSON.stringify(witness)}\n`, "emulate", "docker.bpf", "--stdin").stdout).toBe(`${actual}\n`);
  const wanted = ["compile", "--from", "oci", profiles.podman, "--arch", "x86_64", "--out", "podman.bpf"];
  await said(...wanted);
  expect(fed(`${JSON.stringify(witness)}\n`, "emulate", "podman.bpf", "--stdin").stdout).toBe(`${expected}\n`);
});

test("prove says where it cannot decide, with status 3", async () => {
  const end = await seccomp("prove", "--from", "filter", "reboot.bpf", "opaque.bpf");
  expect(end.status).toBe(3);
  expect(end.stdout).toMatch(/^not decided: instruction \d/);
});

test("disasm and asm are each other's inverse, also through pipes and for machines of the other byte order", async () => {
  for (const name of ["reboot.bpf", "big.bpf", "opaque.bpf"]) {
    const listing = await said("disasm", name);
    const back = fed(listing, "asm", "-", "--out", "back.bpf");
    expect(back, back.stderr).toMatchObject({ status: 0 });
    expect(readFileSync(join(cli.directory, "back.bpf"))).toEqual(readFileSync(join(cli.directory, name)));
  }
});

test("emulate answers one call, or as many as it is fed", async () => {
  expect(await said("emulate", "reboot.bpf", "--arch", "x86_64", "--nr", "reboot")).toBe("ERRNO(1)\n");
  expect(await said("emulate", "reboot.bpf", "--arch", "0xc000003e", "--nr", "0")).toBe("ALLOW\n");
  const lines = [
    '{"arch": "x86_64", "nr": 169, "args": ["0x0", "0x0", "0x0", "0x0", "0x0", "0x0"]}',
    '{"arch": 3221225534, "nr": 168, "args": ["0xffffffffffffffff"]}',
    '{"arch": "i386", "nr": -1}',
  ];
  expect(fed(lines.join("\n"), "emulate", "reboot.bpf", "--stdin").stdout).toBe("ERRNO(1)\nALLOW\nALLOW\n");
  // reboot(2) of x32 is 169 with bit 30: the filter looks at the whole number.
  expect(await said("emulate", "bit.bpf", "--arch", "x32", "--nr", "169")).toBe("ERRNO(1)\n");
  const x32 = [169, 169 + 2 ** 30, "reboot", "0xa9", -1].map((nr) => JSON.stringify({ arch: "x32", nr }));
  x32.push(JSON.stringify({ arch: "x86_64", nr: 169 }));
  expect(fed(x32.join("\n"), "emulate", "bit.bpf", "--stdin").stdout).toBe(`${"ERRNO(1)\n".repeat(4)}ALLOW\nALLOW\n`);
  const bad = fed('{"arch": "x86_64", "nr": 1}\n{"arch": "vax", "nr": 1}\n', "emulate", "reboot.bpf", "--stdin");
  expect(bad).toMatchObject({ status: 2, stdout: "ALLOW\n" });
  expect(bad.stderr).toContain("<stdin>:2: there is no architecture");
});

test("diff is 0 only for equal filters; decompile and merge keep what a filter does", async () => {
  expect((await seccomp("diff", "reboot.bpf", "reboot.bpf")).status).toBe(0);
  const different = await seccomp("diff", "reboot.bpf", "docker.bpf", "--json");
  expect(different.status).toBe(1);
  expect(JSON.parse(different.stdout).relation).toBe("stricter");
  expect((await seccomp("diff", "reboot.bpf", "opaque.bpf")).status).toBe(3);
  await said("decompile", "docker.bpf", "--to", "oci", "--out", "back.json");
  expect(await said("diff", "docker.bpf", "back.json")).toMatch(/^equal: /);
  await said("merge", "reboot.bpf", "docker.bpf", "--out", "merged.bpf");
  expect(await said("diff", "docker.bpf", "merged.bpf")).toMatch(/^equal: /);
});

test("a unit with its drop-ins is one filter, and its lines come back", async () => {
  await said("compile", "app.service", "--out", "app.bpf");
  expect(await said("prove", "app.service", "app.bpf")).toMatch(/^proved: /);
  expect(await said("emulate", "app.bpf", "--arch", "x86_64", "--nr", "unshare", "--args", "0x10000000")).toBe(
    "ERRNO(1)\n",
  );
  expect((await seccomp("explain", "app.service")).stdout).toContain("socket: family ");
  const lines = await seccomp("decompile", "app.bpf", "--to", "systemd");
  expect(lines.stdout).toMatch(/^SystemCallFilter=@/);
  expect(lines.stderr).toContain("socket: the lines are looser");
});

test("seccomp: a drop-in is read as a unit that says nothing else, and it is said that its unit is not counted", async () => {
  cli.file("hardening.conf", `# as harden writes it\n${unit.replace(/^ExecStart.*\n/m, "")}`);
  const explained = await seccomp("explain", "hardening.conf");
  expect(explained).toMatchObject({ status: 1, stdout: expect.stringContaining("socket: family ") });
  expect(explained.stderr).toContain("hardening.conf: a drop-in alone");
  await said("compile", "hardening.conf", "--out", "hardening.bpf");
  expect(await said("prove", "hardening.conf", "hardening.bpf")).toMatch(/^proved: /);
});

test("a unit has filters for other machines, and it is said how far they were measured", async () => {
  const made = await seccomp("compile", "app.service", "--arch", "aarch64,arm,s390x", "--out", "all.bpf");
  expect([made.status, made.stderr]).toEqual([2, expect.stringContaining("both byte orders")]);
  const arm = await seccomp("compile", "app.service", "--arch", "arm64,arm", "--out", "arm.bpf");
  expect(arm.stderr).toContain("what systemd attaches on aarch64 is known from its code");
  const answers = async (file: string, arch: string, nr: string, args: string): Promise<string> =>
    (await said("emulate", file, "--arch", arch, "--nr", nr, "--args", args)).trim();
  // AF_ALG through a call of its own; the number of another byte order is another architecture.
  expect(await answers("arm.bpf", "aarch64", "socket", "38")).toBe("ERRNO(97)");
  expect(await answers("arm.bpf", "arm", "socket", "38")).toBe("ERRNO(97)");
  expect(await answers("arm.bpf", "aarch64", "socket", "0x100000001")).toBe("ERRNO(97)");
  expect(await answers("arm.bpf", "arm", "socket", "0x100000001")).toBe("ALLOW");
  await said("compile", "app.service", "--arch", "s390x", "--out", "s390x.bpf");
  expect(await said("prove", "app.service", "s390x.bpf", "--arch", "s390x")).toMatch(/^proved: /);
  // s390's clone takes its flags second, and its socket is reached through socketcall, too.
  expect(await answers("s390x.bpf", "s390x", "clone", "0,0x10000000")).toBe("ERRNO(1)");
  expect(await answers("s390x.bpf", "s390x", "clone", "0x10000000,0")).toBe("ALLOW");
  expect(await answers("s390x.bpf", "s390x", "socket", "38")).toBe("ALLOW");
  await said("compile", "app.service", "--arch", "mips64el", "--out", "mips.bpf");
  expect(await answers("mips.bpf", "mips64el", "socket", "38")).toBe("ERRNO(124)");
  expect(await answers("mips.bpf", "mips64el", "clone3", "0")).toBe("ERRNO(89)");
  // Machines of one byte order can share a filter.
  await said("compile", "app.service", "--arch", "x86_64,riscv64", "--out", "two.bpf");
  expect(await answers("two.bpf", "riscv64", "personality", "1")).toBe("ERRNO(1)");
  expect(await answers("two.bpf", "x86_64", "personality", "1")).toBe("ERRNO(1)");
});

test("formats: C, JSON, text and raw bytes are the same program", async () => {
  const json = JSON.parse(await said("compile", "reboot.bpf", "--format", "json"));
  const c = await said("compile", "reboot.bpf", "--format", "c");
  expect([...c.matchAll(/^ {2}\{ 0x/gm)]).toHaveLength(json.instructions.length);
  const raw = spawnSync(
    process.execPath,
    [cli.program, "seccomp", "compile", "reboot.bpf", "--out", "-", "--format", "raw"],
    {
      cwd: cli.directory,
    },
  );
  expect([...raw.stdout]).toEqual([...encode(json.instructions, true)]);
});

const mistakes: readonly (readonly [what: string, words: readonly string[], said: string | RegExp])[] = [
  ["bytes that are no filter", ["explain", "cut.bpf"], "13 bytes are not a whole number of instructions"],
  ["no instruction at all", ["explain", "empty.bpf"], "a filter of no instruction"],
  ["a filter that the kernel refuses", ["diff", "reboot.bpf", "jump.bpf"], "jump.bpf: no filter that the kernel takes"],
  ["a profile with an unknown action", ["compile", "wrong.json", "--arch", "x86_64"], "wrong.json:2:20: error: "],
  ["a missing file", ["explain", "none.bpf"], "none.bpf: there is no such file"],
  ["a directory", ["disasm", "/"], "/: this is a directory"],
  ["a listing where bytes are needed", ["disasm", "reboot.asm"], "reboot.asm: this is already text"],
  ["an unknown architecture", ["compile", "wrong.json", "--arch", "vax"], "there is no architecture 'vax'"],
  ["both byte orders", ["compile", "app.service", "--arch", "x86_64,s390x"], "both byte orders"],
  ["an unknown capability", ["compile", profiles.docker, "--caps", "CAP_FLY"], "there is no capability 'CAP_FLY'"],
  ["an unknown verb", ["compiel", "reboot.bpf"], "did you mean compile?"],
  ["a command without --", ["dump", "sleep", "3"], "is one too many"],
  ["a word in place of a number", ["dump", "sleep"], "a command goes after --"],
  [
    "two architectures of one call",
    ["emulate", "reboot.bpf", "--arch", "x86_64", "--arch", "i386", "--nr", "0"],
    "--arch is given twice",
  ],
  ["an unknown call", ["emulate", "reboot.bpf", "--arch", "x86_64", "--nr", "fly"], "x86_64 has no call 'fly'"],
  [
    "seven arguments",
    ["emulate", "reboot.bpf", "--arch", "x86_64", "--nr", "0", "--args", "1,2,3,4,5,6,7"],
    "six arguments",
  ],
  ["a profile where bytes are needed", ["merge", profiles.docker], "expected a raw filter or a listing"],
  ["output onto a device", ["compile", "reboot.bpf", "--out", "/dev/null"], "/dev/null is not a regular file"],
];

test.each(mistakes)("a mistake is refused with a way out: %s", async (_, words, message) => {
  expectRefusal(await seccomp(...words), 2, message);
});

test("dump shows and merges the filters of a running process, and needs root", async () => {
  const load = ["--seccomp-filter", join(cli.directory, "reboot.bpf")];
  const child = spawn("setpriv", [...load, "setpriv", ...load, "sleep", "60"], { stdio: "ignore" });
  try {
    await once(child, "spawn");
    while (readFileSync(`/proc/${child.pid}/comm`, "utf8") !== "sleep\n") {
      await new Promise((done) => setTimeout(done, 20));
    }
    const without = await seccomp("dump", String(child.pid));
    expectRefusal(without, 3, /koffi.*npm install koffi/);
    symlinkSync(join(import.meta.dirname, "../../node_modules"), join(cli.directory, "package/node_modules"));
    const { processes } = JSON.parse(await said("dump", String(child.pid), "--json"));
    expect(processes).toMatchObject([{ pid: child.pid, filters: [noReboot, noReboot] }]);
    expect(await said("diff", String(child.pid), "reboot.bpf")).toMatch(/^equal: /);
    const nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
    const refused = await cli.run(["seccomp", "dump", String(child.pid)], { before: nobody });
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain("permission denied");
  } finally {
    child.kill();
    await once(child, "exit");
  }
  expect((await seccomp("dump", String(child.pid))).status).toBe(3);
});

test("dump of a command shows what it and its children install", async () => {
  const load = ["setpriv", "--seccomp-filter", "reboot.bpf"];
  const inner = `${load.join(" ")} true; ${load.join(" ")} true`;
  const end = await ended(cli.start(["seccomp", "dump", "--json", "--", ...load, "sh", "-c", inner]));
  expect(end, end.stderr).toMatchObject({ status: 0 });
  const { processes } = JSON.parse(end.stdout);
  const counts = processes.map(({ filters, inherited }: { filters: unknown[]; inherited: number }) => [
    filters.length,
    inherited,
  ]);
  expect(counts).toEqual([
    [1, 0],
    [2, 1],
    [2, 1],
  ]);
  expect(processes[1].filters[1]).toEqual(noReboot);
  expect((await seccomp("dump", "--", "/nonexistent")).status).toBe(3);
});
