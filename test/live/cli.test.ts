/**
 * The command line in clumsy hands: each mistake is refused with status 2 and one message that names it and the way out. Tests
 * src/cli and src/core/diagnostic.
 */
import { mkdirSync, readFileSync, symlinkSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandLine, commandLine, ended, expectRefusal, host } from "./fixtures/command-line.ts";

let cli: CommandLine;

beforeAll(() => {
  cli = commandLine();
  for (const [name, text] of Object.entries(files)) {
    cli.file(name, text);
  }
  mkdirSync(join(cli.directory, "directory.service"));
  truncateSync(cli.file("huge.service", "[Service]\n"), 2 << 20);
  truncateSync(cli.file("huge.json", "["), 64 << 20);
  host("mkfifo", join(cli.directory, "pipe.service"));
});
afterAll(() => cli.remove());

const observation = (unit: string): string =>
  `{"schema":"cloison.observation/2","unit":"${unit}","phases":["start"],"gaps":[],"seen":[]}\n`;

const files: Readonly<Record<string, string | Uint8Array>> = {
  "good.service": "[Service]\nExecStart=/bin/sleep infinity\n",
  "syntax.service": "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n  nonsense here\n",
  "header.service": "[Service\nExecStart=/bin/true\n",
  "quote.service": '[Service]\nExecStart="/bin/true\n',
  "bare.service": "[Service]\nType=simple\n",
  "template@.service": "[Service]\nExecStart=/bin/sleep infinity\n",
  "twice.service": "[Service]\nExecStart=/bin/true\nExecStart=/bin/false\n",
  "empty.service": "",
  "binary.service": new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe, 0x00, 0x0a, 0x80]),
  "plain.txt": "[Service]\nExecStart=/bin/true\n",
  "a b.service": "[Service]\nExecStart=/bin/true\n",
  "dropped.service": "[Service]\nExecStart=/bin/true\n",
  "dropped.service.d/bad.conf": "[Service]\n[[\n",
  "again.service": "[Service]\nExecStart=/bin/sleep infinity\n",
  "again.service.d/mine.conf": "[Service]\nNoNewPrivileges=yes\n",
  "again.json": observation("again.service"),
  "good.json": observation("good.service"),
  "other.json": observation("other.service"),
  "cut.json": observation("good.service").slice(0, 60),
  "schema.json": observation("good.service").replace("observation/2", "observation/9"),
  "text.json": "Hello, world\n",
  "empty.json": "",
  "list.json": "[]",
  "null.json": "null",
  "shape.json": observation("good.service").replace('"seen":[]', '"seen":[{"action":7}]'),
  "deep.json": "[".repeat(200_000),
};

const harden = (...words: readonly string[]): readonly string[] => ["harden", ...words, "--workload", "true"];
const good = (...words: readonly string[]): readonly string[] => harden("./good.service", ...words);

const mistakes: readonly (readonly [what: string, words: readonly string[], ...said: (string | RegExp)[]])[] = [
  ["a line that is none", harden("./syntax.service"), "./syntax.service:5:3: error: ", 'no "=" in the line'],
  ["a section without an end", harden("./header.service"), "./header.service:1:1: error: ", "section header"],
  ["a quote without an end", harden("./quote.service"), "quote.service has no ExecStart="],
  ["no ExecStart=", harden("./bare.service"), "./bare.service:1:1: error: bare.service has no ExecStart="],
  ["two ExecStart=", harden("./twice.service"), "more than one ExecStart="],
  ["an empty unit", harden("./empty.service"), "empty.service:1:1: error: the unit file sets nothing"],
  ["a binary", harden("./binary.service"), /binary\.service:\d+:1: error: bytes that are not UTF-8/],
  ["a directory", harden("./directory.service"), "./directory.service: this is a directory"],
  ["a pipe", harden("./pipe.service"), "./pipe.service: this is not a regular file"],
  ["a device", harden("/dev/zero"), "/dev/zero: this is not a regular file"],
  ["a huge unit", harden("./huge.service"), "./huge.service: this file is too large"],
  ["a missing file", harden("./missing.service"), "./missing.service: there is no such file"],
  ["another suffix", harden("./plain.txt"), "plain.txt is not a service"],
  ["a socket", harden("dbus.socket"), "dbus.socket is not a service", "name the .service unit"],
  ["a user unit", harden("/root/.config/systemd/user/x.service"), "a unit of a user's service manager"],
  ["a name with a space", harden("./a b.service"), "not the name of a unit"],
  ["a name that ends the terminal", harden("./\u001b[2J.service"), /^error: not the name of a unit: /],
  ["no name", harden(""), "not the name of a unit"],
  ["a broken drop-in", harden("./dropped.service"), "dropped.service.d/bad.conf:2:1: error: "],
  ["nothing to harden", ["harden", "--workload", "true"], "something is missing", "usage: cloison harden"],
  ["two units", harden("./good.service", "./bare.service"), "'./bare.service' is one too many"],
  ["an unknown verb", ["hardn", "x"], "there is no verb 'hardn'", "did you mean harden?"],
  ["a verb of a group", ["decompile", "x.bpf"], "there is no verb 'decompile'", "did you mean seccomp decompile?"],
  ["swapped letters", ["hadren", "x"], "did you mean harden?"],
  ["an unknown option", good("--lvel", "strict"), "there is no option --lvel", "did you mean --level?"],
  ["an unknown short option", good("-x"), "there is no option -x"],
  ["an unknown level", good("--level", "max"), "--level does not know 'max'", "balanced, strict"],
  ["a mistyped level", good("--level", "strcit"), "did you mean strict?"],
  ["a value where none belongs", good("--json=yes"), "--json takes no value"],
  ["a missing value at the end", ["harden", "./good.service", "--workload"], "--workload: its value is missing"],
  ["a missing value before an option", good("--out", "--apply"), "--out: its value is missing"],
  ["an empty workload", ["harden", "./good.service", "--workload", " "], "--workload is empty"],
  ["data without a way", good("--data", "/srv"), "--data: '/srv' is not PATH=copy or PATH=empty"],
  ["relative data", good("--data", "srv=copy"), "--data: 'srv=copy' is not"],
  ["data above the root", good("--data", "/../srv=copy"), "--data: '/../srv=copy' is not"],
  ["clients in words", good("--clients", "everyone"), "--clients: 'everyone' is no address"],
  ["clients with too many bits", good("--clients", "1.2.3.4/99"), "has too long a prefix", "IPv4 has 32 bits"],
  ["IPv6 clients with too many bits", good("--clients", "2001:db8::/129"), "IPv6 has 128 bits"],
  ["clients that are no address", good("--clients", "999.1.1.1"), "--clients: '999.1.1.1' is no address"],
  ["clients of half an address", good("--clients", "10.0.0/8"), "--clients: '10.0.0/8' is no address"],
  ["no time", good("--timeout", "0"), "--timeout: '0' is not a number of seconds"],
  ["time in words", good("--timeout", "1e3"), "--timeout: '1e3' is not a number of seconds"],
  ["scratch that is not there", good("--scratch", "/nowhere"), "--scratch: there is no /nowhere"],
  ["scratch that is a file", good("--scratch", "./plain.txt"), "--scratch: ./plain.txt is not a directory"],
  ["a layer that is a file", good("--layer", "./plain.txt"), "--layer: ./plain.txt is not a directory"],
  ["an address that is none", good("--address", "here"), "--address: 'here' is no address"],
  ["an address beside the host's", good("--address", "10.1.1.1", "--network", "host"), "--address does not go with"],
  ["an unknown network", good("--network", "lan"), "--network does not know 'lan'", "private, host"],
  ["an unknown part of the host", good("--allow-host", "all"), "--allow-host does not know 'all'"],
  ["a companion that is no unit", good("--with", "postgres"), "--with: 'postgres' is not the name of a unit"],
  ["something to show that is not there", good("--bind-ro", "/nowhere"), "--bind-ro: there is no /nowhere"],
  ["output over a file", good("--out", "plain.txt"), "plain.txt is not a directory"],
  ["a check without apply", good("--check", "true"), "--check goes with --apply"],
  ["an observation over a directory", ["observe", "./good.service", "--out", "."], "--out: . is a directory"],
  ["an observation nowhere", ["observe", "./good.service", "--out", "/no/x"], "--out: there is no directory /no"],
  ["an observation cut off", ["merge", "cut.json"], "cut.json:1:57: error: not a JSON document"],
  [
    "an observation of another schema",
    ["merge", "schema.json"],
    'schema.json:1:2: error: the document is of schema "cloison.observation/9", not cloison.observation/2',
  ],
  [
    "an observation of another shape",
    ["merge", "shape.json"],
    /shape\.json:1:(?!1:)\d+: error: observation\.seen\[0\]\.action is not an object/,
  ],
  ["an observation that is text", ["merge", "text.json"], "text.json:1:1: error: not a JSON document"],
  ["an empty observation", ["merge", "empty.json"], "empty.json:1:1: error: not a JSON document"],
  ["a list", ["merge", "list.json"], "list.json:1:1: error: the document has no schema"],
  ["null", ["merge", "null.json"], "null.json:1:1: error: the document has no schema"],
  ["a deep document", ["merge", "deep.json"], "deep.json:1:102: error: not a JSON document: nested more than 100 deep"],
  ["a huge observation", ["merge", "huge.json"], "huge.json: this file is too large"],
  ["a missing observation", ["merge", "none.json"], "none.json: there is no such file"],
  ["observations of two services", ["merge", "good.json", "other.json"], "other.json is of other.service"],
  ["no observation", ["merge"], "something is missing"],
  ["a unit in the place of an observation", ["synthesize", "good.service"], "not a JSON document"],
  ["three operands", ["synthesize", "good.json", "./good.service", "x"], "'x' is one too many"],
  [
    "an old systemd",
    ["synthesize", "good.json", "--target-version", "9"],
    "--target-version: '9' is not a version of systemd",
  ],
  ["a mistyped unit", ["synthesize", "good.json", "systemd-jurnald.service"], "did you mean systemd-journald.service?"],
  ["a unit that is not here", ["synthesize", "good.json", "nowhere.service"], "no such unit on this machine"],
  [
    "a unit file for a unit",
    ["synthesize", "good.json", "good.service"],
    "say ./good.service for the file that lies here",
  ],
  [
    "an observation of another service",
    ["synthesize", "other.json", "./good.service"],
    "other.json is an observation of other.service, not of good.service",
    "--other-unit",
  ],
  [
    "a template to run",
    harden("./template@.service"),
    "./template@.service is a template",
    "name one: ./template@NAME.service",
  ],
  ["an installed template to run", ["observe", "getty@"], "getty@ is a template", "name one: getty@NAME.service"],
  ["clients for synthesize", ["synthesize", "good.json", "--clients", "::/200"], "has too long a prefix"],
  ["apply without a directory", ["apply"], "apply takes a directory, --undo UNIT, --status UNIT or --list"],
  [
    "apply with both",
    ["apply", "out", "--undo", "x.service"],
    "apply takes a directory, --undo UNIT, --status UNIT or --list",
  ],
  ["apply in a hurry", ["apply", "out", "--window", "0"], "--window: '0' is not a number of seconds"],
  ["apply for no time", ["apply", "out", "--active", "none"], "--active: 'none' is not a number of seconds"],
  ["undo of a path", ["apply", "--undo", "../../etc/passwd"], "not the name of a unit"],
  ["an unknown directive", ["explain", "ProtectClok"], "did you mean ProtectClock?"],
  ["an unknown attack", ["explain", "set-clokc"], "did you mean set-clock?"],
  [
    "neither a directive nor an attack",
    ["explain", "x"],
    "neither a directive nor an attack",
    "cloison explain lists all",
  ],
  ["an unknown shell", ["completion", "bahs"], "there is no completion for 'bahs'", "did you mean bash?"],
  ["an operand for the demonstration", ["demo", "now"], "'now' is one too many"],
  ["output of the demonstration over a file", ["demo", "--out", "plain.txt"], "plain.txt is not a directory"],
];

const width = 4;
test("every mistake is told apart, in one message with the way out, and nothing is booted for it", async () => {
  const waiting = [...mistakes];
  const next = async (): Promise<void> => {
    for (let mistake = waiting.shift(); mistake !== undefined; mistake = waiting.shift()) {
      const [what, words, ...said] = mistake;
      const end = await cli.run(words);
      expect.soft(() => expectRefusal(end, 2, ...said), `${what}: ${end.status} ${end.stderr}`).not.toThrow();
      expect.soft(end.stderr, what).not.toMatch(/is up|reading the unit|booting/);
      expect.soft(end.stderr, what).not.toMatch(/[^\n\u0020-\u007e\u00a0-\uffff]/);
    }
  };
  await Promise.all(Array.from({ length: width }, next));
});

test("an unknown unit is told once the box has been asked", async () => {
  expectRefusal(await cli.run(harden("nowhere")), 2, "nowhere.service: no such unit on this machine");
  expectRefusal(await cli.run(harden("sytemd-journald")), 2, "did you mean systemd-journald.service?");
  expectRefusal(await cli.run(harden("good")), 2, "say ./good.service for the file that lies here");
});

test("a working directory that is gone is told", async () => {
  const before = ["sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', "sh"];
  const words = ["harden", join(cli.directory, "good.service"), "--workload", "true"];
  expectRefusal(await cli.run(words, { before }), 2, "the working directory is gone");
});

test("help and version go to standard output", async () => {
  const { version } = JSON.parse(readFileSync(join(cli.directory, "package/package.json"), "utf8"));
  expect(await cli.run(["--version"])).toMatchObject({ status: 0, stdout: `cloison ${version}\n`, stderr: "" });
  const verbs = await helped();
  expect(verbs).toEqual(expect.arrayContaining(["harden", "observe", "merge", "synthesize", "attack", "apply"]));
});

/** Reads the help of all verbs below a group (none: of the whole) and gives their names. */
async function helped(...group: readonly string[]): Promise<readonly string[]> {
  const overview = await cli.run([...group, "--help"]);
  expect(overview, group.join(" ")).toMatchObject({ status: 0, stderr: "" });
  expect(await cli.run(["help", ...group])).toEqual(overview);
  expect(await cli.run([...group, "-h"])).toEqual(overview);
  const usage = `usage: cloison ${group.join(" ")}`.trimEnd();
  expect(overview.stdout).toContain(`\n${usage}`);
  if (!overview.stdout.includes(`\n${usage} VERB`)) {
    expect(overview.stdout).toMatch(/^ {2}--json .*\n(.+\n)*\nexamples:\n {2}\S/m);
    return [group.join(" ")];
  }
  const names = [...overview.stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name ?? "");
  expect(names.length).toBeGreaterThan(1);
  const below: string[] = [];
  for (const name of names) {
    below.push(...(await helped(...group, name)));
  }
  return below;
}

test("a bare call shows the way and is no success", async () => {
  const end = await cli.run([]);
  expect(end.status).toBe(2);
  expect(end.stdout + end.stderr).toContain("usage: cloison VERB");
});

test("a closed pipe is no error", async () => {
  const before = ["sh", "-c", '"$@" | head -c 10; exit 0', "sh"];
  for (const words of [["explain", "SystemCallFilter"], ["explain", "ProtectSystem", "--json"], ["--help"]]) {
    const end = await ended(cli.start(words, { before }));
    expect(end).toMatchObject({ status: 0, stderr: "" });
    expect(end.stdout).toHaveLength(10);
  }
});

test("a file for results is private, and replaces a link instead of following it", async () => {
  const victim = cli.file("victim", "untouched\n");
  const out = join(cli.directory, "merged.json");
  symlinkSync(victim, out);
  expect((await cli.run(["merge", "good.json", "--out", out])).status).toBe(0);
  expect(readFileSync(victim, "utf8")).toBe("untouched\n");
  expect(host("stat", "-c", "%F %a %u", out).stdout).toBe("regular file 600 0\n");
  expect(JSON.parse(readFileSync(out, "utf8")).unit).toBe("good.service");
});

test("synthesize starts from the unit without Cloison's own drop-in, and with the administrator's", async () => {
  const made = async () => (await cli.run(["synthesize", "again.json", "./again.service"])).stdout;
  const first = await made();
  expect(first).toMatch(/^ProtectClock=yes$/m);
  expect(first).not.toMatch(/^NoNewPrivileges=/m);
  cli.file("again.service.d/zz-cloison.conf", first);
  expect(await made()).toBe(first);
});
