/** Where results, scratch and layers may lie: real directories of real owners, and the command line's own words. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandLine, commandLine } from "./fixtures/command-line.ts";

const STRANGER = 12_345;
let cli: CommandLine;
let top: string;

beforeAll(() => {
  cli = commandLine();
  cli.file("sleep.service", "[Service]\nExecStart=/bin/sleep infinity\n");
  top = mkdtempSync("/tmp/cloison-output-");
  for (const name of ["own", "open", "stranger", "stranger/own", "foreign"]) {
    mkdirSync(`${top}/${name}`);
  }
  chmodSync(top, 0o755);
  chmodSync(`${top}/open`, 0o777);
  chownSync(`${top}/stranger`, STRANGER, STRANGER);
  symlinkSync("/etc", `${top}/stranger/link`);
  writeFileSync(`${top}/foreign/hardening.conf`, "[Service]\nPrivateTmp=yes\n");
});
afterAll(() => {
  cli.remove();
  rmSync(top, { recursive: true });
});

const harden = (...more: readonly string[]) => [
  "harden",
  `${cli.directory}/sleep.service`,
  "--workload",
  "true",
  ...more,
];

test.each([
  [
    "writable by all",
    () => harden("--out", `${top}/open/new`),
    "/open: others can write to it (mode 777)",
    "chmod go-w",
  ],
  ["/tmp itself", () => harden("--out", "/tmp"), "others can make files in /tmp", "one of its own below it"],
  [
    "a stranger's",
    () => harden("--out", `${top}/stranger/own`),
    `it is a directory of user ${STRANGER}`,
    "below /root",
  ],
  [
    "a foreign drop-in",
    () => harden("--out", `${top}/foreign`),
    "hardening.conf is there, and Cloison did not write it",
    "move it away",
  ],
  ["a scratch of a stranger's", () => harden("--scratch", `${top}/stranger/own`), "--scratch: ", "below /root"],
  ["a layer that all can write to", () => harden("--layer", `${top}/open`), "--layer: ", "chmod go-w"],
])("refused before anything is done: %s", async (_, words, reason, way) => {
  const ended = await cli.run(words());
  expect(ended.stderr).toContain(reason);
  expect(ended.stderr).toContain(way);
  expect(ended.status).toBe(2);
  expect(readdirSync(`${top}/open`)).toEqual([]);
  expect(readFileSync(`${top}/foreign/hardening.conf`, "utf8")).toBe("[Service]\nPrivateTmp=yes\n");
});

test("a stranger's link leads nowhere, and the user behind sudo may write at home", async () => {
  const observation = cli.file("o.json", readFileSync("test/samples/journal-gatewayd/observation.json"));
  const merge = (out: string, env: Record<string, string> = {}) =>
    cli.run(["merge", observation, "--out", out], { env });
  const followed = await merge(`${top}/stranger/link/cloison.json`, { SUDO_UID: String(STRANGER + 1) });
  expect(followed.status).toBe(2);
  expect(existsSync("/etc/cloison.json")).toBe(false);
  const home = await merge(`${top}/stranger/o.json`, { SUDO_UID: String(STRANGER) });
  expect(home.stderr).toBe("");
  expect(statSync(`${top}/stranger/o.json`).mode & 0o7777).toBe(0o600);
  symlinkSync("/etc/cloison-victim", `${top}/own/o.json`);
  expect((await merge(`${top}/own/o.json`)).status).toBe(0);
  expect(existsSync("/etc/cloison-victim")).toBe(false);
  expect(readdirSync(`${top}/own`)).toEqual(["o.json"]);
});
