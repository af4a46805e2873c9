/** The command line where the machine or the service does not play along: status 3, one message with the way out, nothing left. */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandLine, commandLine, complaint, type Ended, expectRefusal, host } from "./fixtures/command-line.ts";

let cli: CommandLine;

beforeAll(() => {
  cli = commandLine();
  for (const [name, text] of Object.entries(units)) {
    cli.file(`${name}.service`, `[Service]\n${text}\n`);
  }
  mkdirSync(join(cli.directory, "scratch"));
});
afterAll(() => cli.remove());

const units: Readonly<Record<string, string>> = {
  sleep: "ExecStart=/bin/sleep infinity",
  early: "ExecStart=/bin/sh -c 'echo my last words; exit 7'",
  loop: "ExecStart=/bin/sh -c 'sleep 0.1; echo round and round; exit 1'\nRestart=always\nRestartSec=50ms",
  nobody: "ExecStart=/bin/sleep infinity\nUser=no-such-user",
  unready: "Type=notify\nExecStart=/bin/sleep infinity\nTimeoutStartSec=infinity",
  nowhere: "ExecStart=/no/such/program",
  escape: "ExecStart=/bin/sh -c 'printf \"\\\\033[2Jgone\\\\n\"; exit 7'",
};

const harden = (unit: string, workload = "true", ...more: readonly string[]): readonly string[] => [
  "harden",
  `./${unit}.service`,
  "--workload",
  workload,
  ...more,
];

const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/** A mount namespace in which something of the machine is missing. */
function without(script: string): readonly string[] {
  return ["unshare", "--mount", "--propagation", "private", "sh", "-c", `${script} && exec "$@"`, "sh"];
}

/** The refusals, and where they come from; run side by side, four at a time. */
const refusals: readonly (readonly [
  what: string,
  words: readonly string[],
  before: readonly string[] | undefined,
  ...said: (string | RegExp)[],
])[] = [
  ["no root: harden", harden("sleep"), nobody, "harden: root is needed", "run it with sudo"],
  ["no root: observe", ["observe", "./sleep.service"], nobody, "observe: root is needed"],
  ["no root: attack", ["attack", "./sleep.service"], nobody, "attack: root is needed"],
  ["no root: apply", ["apply", "out"], nobody, "apply: root is needed"],
  ["no root: demo", ["demo"], nobody, "root is needed"],
  [
    "no strace",
    ["observe", "./sleep.service", "--workload", "true"],
    without("mount --bind /dev/null /usr/bin/strace"),
    "run strace",
    "apt-get install strace",
  ],
  ["no systemd", harden("sleep"), without("mount -t tmpfs none /usr/lib/systemd"), "not found", "apt install systemd"],
  [
    "no version of systemd",
    ["synthesize", "seen.json"],
    without("mount --bind /dev/null /usr/bin/systemctl"),
    "systemctl",
    "--target-version",
  ],
  ["no cgroup2", harden("sleep"), without("umount -Rl /sys/fs/cgroup"), "no cgroup2 mount", "mount -t cgroup2"],
  ["no power", harden("sleep"), ["setpriv", "--bounding-set=-sys_admin"], "boot a box"],
  [
    "a full disk",
    harden("sleep", "true", "--scratch", "scratch"),
    without("mount -t tmpfs -o size=64m none scratch"),
    "64 MiB free, 256 MiB needed",
    "free some space or name another directory",
  ],
  [
    "a disk that fills up",
    harden("sleep", "dd if=/dev/zero of=/var/lib/cloison-big bs=1M", "--scratch", "scratch"),
    without("mount -t tmpfs -o size=260m none scratch"),
    "the workload fails before anything is hardened",
    "No space left on device",
  ],
  [
    "output where nothing can be written",
    harden("sleep", "true", "--out", "scratch/out"),
    without("mount -t tmpfs -o ro none scratch"),
    "read-only file system",
    "--out",
  ],
  ["output in the kernel", harden("sleep", "true", "--out", "/proc/cloison/out"), undefined, "write in /proc", "--out"],
  [
    "output that does not fit",
    ["merge", "seen.json", "--out", "scratch/all.json"],
    without("mount -t tmpfs -o size=4k none scratch && { cat /dev/zero >scratch/full; true; } 2>/dev/null"),
    /write.*: no space left on device/,
  ],
  ["apply of nothing", ["apply", "/no/such"], undefined, "no such file", "name the directory that harden --out wrote"],
  ["apply of an empty directory", ["apply", "scratch"], undefined, "report.json", "name the directory"],
  [
    "undo of what was never done",
    ["apply", "--undo", "never.service"],
    undefined,
    "nothing installed for never.service",
  ],
  ["a service that ends", harden("early"), undefined, "does not start", "my last words"],
  ["a service that crashes in a loop", harden("loop"), undefined, "before anything is hardened", "round and round"],
  ["a user that is not there", harden("nobody"), undefined, "does not start", "217/USER"],
  ["a program that is not there", harden("nowhere"), undefined, "does not start", "/no/such/program"],
  ["last words with an escape", harden("escape"), undefined, "does not start", "before anything is hardened"],
  [
    "a workload that fails",
    harden("sleep", "echo my reason >&2; exit 5"),
    undefined,
    "exit status 5",
    /^ {2}\| my reason$/m,
  ],
  [
    "a workload that says nothing",
    harden("sleep", "exit 5"),
    undefined,
    /exit status 5; the service listens on nothing/,
  ],
  [
    "a workload that is not there",
    harden("sleep", "/tmp/not-there.sh"),
    undefined,
    "exit status 127",
    "show what is missing with --bind-ro PATH",
  ],
  [
    "a service that never gets ready",
    ["observe", "./unready.service", "--workload", "true", "--timeout", "2"],
    undefined,
    "does not start",
    "systemctl start took longer than 2 s",
  ],
  ["a workload that hangs", harden("sleep", "sleep 99", "--timeout", "1"), undefined, "timed out after 1 s"],
  [
    "a workload that goes out",
    harden("sleep", "bash -c '</dev/tcp/192.0.2.1/80'"),
    undefined,
    "Network is unreachable",
    "--with UNIT, or use --network host",
  ],
  [
    "a companion that is not there",
    harden("sleep", "true", "--with", "no-such.service"),
    undefined,
    "no-such.service, which must run beside it",
    "not found",
  ],
  ["no workload", ["harden", "./sleep.service"], undefined, "unexercised", "give --workload CMD"],
];

test("what cannot be done is told apart, in one message with the way out", async () => {
  cli.file("seen.json", '{"schema":"cloison.observation/2","unit":"sleep.service","phases":[],"gaps":[],"seen":[]}\n');
  const waiting = [...refusals];
  const next = async (): Promise<void> => {
    for (let refusal = waiting.shift(); refusal !== undefined; refusal = waiting.shift()) {
      const [what, words, before, ...said] = refusal;
      const end = await cli.run(words, before === undefined ? {} : { before });
      expect.soft(() => expectRefusal(end, 3, ...said), `${what}: ${end.status} ${end.stderr}`).not.toThrow();
      expect.soft(end.stderr, what).not.toContain("\u001b");
    }
  };
  await Promise.all(Array.from({ length: 4 }, next));
  expect(leftovers()).toEqual([]);
});

/** What no command may leave where it ran. */
function leftovers(): readonly string[] {
  const boxes = existsSync("/var/lib/cloison-big") ? ["/var/lib/cloison-big"] : [];
  const known = new Set(["package", "scratch", "seen.json", ...Object.keys(units).map((name) => `${name}.service`)]);
  return [
    ...boxes,
    ...readdirSync(cli.directory).filter((name) => !known.has(name)),
    ...readdirSync(join(cli.directory, "scratch")),
  ];
}

test("a workload that leaves something behind ends when it ends", async () => {
  cli.file("--now.service", "[Service]\nExecStart=/bin/sleep infinity\n");
  const end = await cli.run(["observe", "./--now.service", "--workload", "sleep 600 & echo begun"], {
    timeoutMs: 280_000,
  });
  expect(end.status, complaint(end)).toBe(0);
  expect(JSON.parse(end.stdout)).toMatchObject({ unit: "--now.service", phases: expect.arrayContaining(["stop"]) });
});

test("what needs no root works without it", async () => {
  const works = async (...words: readonly string[]): Promise<Ended> => cli.run(words, { before: nobody });
  expect(await works("explain", "ProtectClock")).toMatchObject({ status: 0, stderr: "" });
  expect((await works("merge", "seen.json")).status).toBe(0);
  const made = await works("synthesize", "seen.json", "./sleep.service");
  expect(made.status, complaint(made)).toBe(0);
  expect(made.stdout).toMatch(/^ProtectClock=yes$/m);
  const travelling = await works("synthesize", "seen.json", "./sleep.service", "--portable");
  expect(travelling.stdout).toBe(made.stdout);
  expect(travelling.stderr).toContain("every drop-in of it travels");
});

test("a version of systemd that is given needs no systemd", async () => {
  const before = without("mount --bind /dev/null /usr/bin/systemctl");
  const made = await cli.run(["synthesize", "seen.json", "./sleep.service", "--target-version", "247"], { before });
  expect(made.status, complaint(made)).toBe(0);
  expect(made.stdout).not.toContain("ProtectProc=ptraceable-nothing");
  expect(made.stdout).toMatch(/^# .*systemd 247/m);
});

test("the same text on a terminal and in a pipe, without what acts on a terminal", async () => {
  const words = harden("escape");
  const command = [process.execPath, cli.program, ...words].map((word) => `'${word}'`).join(" ");
  const env = { TERM: "xterm", PATH: process.env.PATH ?? "" };
  const shown = host(
    "env",
    "-C",
    cli.directory,
    ...Object.entries(env).map(([k, v]) => `${k}=${v}`),
    "script",
    "-qec",
    command,
    "/dev/null",
  ).stdout;
  expect(shown).toContain("\\u{1b}[2Jgone");
  // What is left are our own: the progress line is rewritten, its bar has two colours, nothing else.
  const own = ["\r\u001b[K", "\u001b[0m", "\u001b[2m", "\u001b[32m"];
  const rest = own.reduce((text, sequence) => text.replaceAll(sequence, ""), shown);
  expect(rest.replaceAll("\r\n", "\n")).not.toMatch(/[^\P{Cc}\n]/u);
});
