/**
 * A service that may be hostile names its files so that they would act on whatever shows them: a drop-in, a page, a terminal,
 * JSON. One run of `harden`; what it wrote is read back by systemd, by a JSON schema, byte by byte.
 */
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { type CommandLine, commandLine, complaint, type Ended, host } from "./fixtures/command-line.ts";

/** Names of directories in which the service writes. */
const names = [
  "a\nExecStart=evil",
  "b\r\n[Service]",
  "q\"'`",
  "%n %% %i",
  "<script>alert(1)<",
  '"><img src=x onerror=alert(1)>',
  "\u001b[2J\u001b]0;owned\u0007",
  "back\\slash\\n\\x20\\",
  "\u202elive",
  "two  words",
  `$HOME $\u{7b}X}`,
  ":colon: -dash",
  "#hash ;semi",
];

/** Far enough apart that each is named for itself. */
const places = names.map((name, index) => `${["/opt", "/srv", "/usr/local", "/var/lib"][index % 4]}/n${index}/${name}`);

const server = `import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
const places = JSON.parse(readFileSync("/opt/places.json", "utf8"));
const act = () => {
  for (const place of places) {
    writeFileSync(place + "/file", "x");
    try { readFileSync("/etc/missing" + place); } catch {}
    console.log(place);
  }
};
act();
process.title = "\\u001b[31m<i>\\nname";
createServer((socket) => { act(); socket.end("ok\\n"); }).listen(8097, "127.0.0.1");
`;

const visitor = `import { connect } from "node:net";
const visit = () => new Promise((resolve) => {
  let said = "";
  const socket = connect(8097, "127.0.0.1", () => undefined);
  socket.on("data", (chunk) => { said += chunk; });
  socket.on("end", () => resolve(said === "ok\\n"));
  socket.on("error", () => resolve(false));
});
for (let left = 100; left > 0; left -= 1) {
  if (await visit()) process.exit(0);
  await new Promise((wake) => setTimeout(wake, 100));
}
process.exit(1);
`;

const unit = `[Service]\nExecStart=${process.execPath} /opt/server.mjs\n`;

let cli: CommandLine;
let out: string;
let hardened: Ended;

beforeAll(async () => {
  cli = commandLine();
  for (const place of places) {
    cli.file(`layer${place}/file`, "");
  }
  cli.file("layer/opt/places.json", JSON.stringify(places));
  cli.file("layer/opt/server.mjs", server);
  cli.file("visit.mjs", visitor);
  cli.file("hostile.service", unit);
  cli.file("victim", "untouched\n");
  out = join(cli.directory, "out");
  mkdirSync(out);
  symlinkSync("../victim", join(out, "observation.json"));
  symlinkSync("../victim", join(out, "report.json"));
  hardened = await cli.run([...words("harden"), "--out", out, "--json"]);
});
afterAll(() => cli.remove());

function words(verb: string): readonly string[] {
  const workload = `${process.execPath} visit.mjs`;
  return [verb, "./hostile.service", "--workload", workload, "--layer", "layer"];
}

const written = (name: string): string => readFileSync(join(out, name), "utf8");

/** Everything that acts on a terminal or hides from it: controls but the newline, direction and invisible marks. */
const acting = /[^\P{C}\n]/u;

function accepts(schema: string, json: string): void {
  const text = readFileSync(join(import.meta.dirname, `../../docs/schema/${schema}.schema.json`), "utf8");
  const validate = new Ajv2020({ allErrors: true }).compile(JSON.parse(text));
  expect(validate(JSON.parse(json)), JSON.stringify(validate.errors)).toBe(true);
}

test("the service is hardened like any other", () => {
  expect(hardened.status, hardened.stderr).toBe(0);
  expect(readdirSync(out).sort()).toEqual([
    "hardening.conf",
    "observation.json",
    "report.html",
    "report.json",
    "report.txt",
  ]);
});

test("results are private files that replaced the links at their places", () => {
  for (const name of readdirSync(out)) {
    const status = lstatSync(join(out, name));
    expect([name, status.isFile(), status.mode & 0o777, status.uid]).toEqual([name, true, 0o600, 0]);
  }
  expect(readFileSync(join(cli.directory, "victim"), "utf8")).toBe("untouched\n");
});

test("standard output holds the JSON and nothing else, standard error the progress, in words", () => {
  accepts("report", hardened.stdout);
  accepts("report", written("report.json"));
  accepts("observation", written("observation.json"));
  expect(JSON.parse(hardened.stdout)).toEqual(JSON.parse(written("report.json")));
  for (const text of [hardened.stdout, hardened.stderr, written("report.json"), written("observation.json")]) {
    expect(text).not.toMatch(acting);
  }
  expect(hardened.stderr).toContain("rehearsing");
});

test("the page is text where the service would have it markup", () => {
  const page = written("report.html");
  expect(page).not.toMatch(/<script|<img|onerror=alert\(1\)>/i);
  expect(page).toContain("&lt;script&gt;alert(1)&lt;");
  expect(page).not.toMatch(acting);
});

test("every line of the drop-in is one of Cloison's", () => {
  const conf = written("hardening.conf");
  const known = new Set((JSON.parse(hardened.stdout).directives as { name: string }[]).map(({ name }) => name));
  const lines = conf.replaceAll(/\\\n\s*/g, "").split("\n");
  const keys = lines.filter((line) => line !== "" && !line.startsWith("#")).slice(1);
  expect(lines.filter((line) => line.startsWith("["))).toEqual(["[Service]"]);
  expect(keys.filter((line) => !known.has(line.split("=")[0] ?? ""))).toEqual([]);
});

test("systemd reads the paths that were meant, and nothing of the unit is altered", async () => {
  const box: Box = await bootBox({ layers: [join(cli.directory, "layer")] });
  try {
    await box.writeFile("/etc/systemd/system/hostile.service", unit);
    await box.writeFile("/etc/systemd/system/plain.service", unit);
    await box.writeFile(
      "/etc/systemd/system/hostile.service.d/zz-cloison.conf",
      readFileSync(join(out, "hardening.conf")),
    );
    const reloaded = await box.systemctl("daemon-reload");
    expect(reloaded.status).toBe(0);
    const asked = ["ExecStart", "User", "Environment", "LoadState", "LoadError"];
    const [shown, plain] = [
      await box.showProperties("hostile.service", asked),
      await box.showProperties("plain.service", asked),
    ];
    expect(shown).toEqual(plain);
    expect(shown.get("LoadState")).toBe("loaded");
    expect(await box.journal("hostile.service")).toBe("");
    // The walls that systemd builds of it let the service write where it did, and nowhere beside.
    const started = await box.systemctl("start", "hostile.service");
    expect(started.status).toBe(0);
    const pid = (await box.showProperties("hostile.service", ["MainPID"])).get("MainPID") ?? "";
    // A start is over before the walls stand.
    await expect.poll(async () => (await flagsIn(box, pid))("/opt")).toBe("ro");
    const flags = await flagsIn(box, pid);
    for (const place of places) {
      // Names that no unit file can hold are left to the directory above, which is theirs alone.
      expect([place, flags(place)]).toEqual([place, "rw"]);
    }
  } finally {
    await box.down();
  }
});

/** Whether a path is writable for a process, as its mount table says. */
async function flagsIn(box: Box, pid: string): Promise<(path: string) => string> {
  const text = (await box.readFile(`/proc/${pid}/mountinfo`)).toString("utf8");
  const mounts = text.split("\n").flatMap((line) => {
    const [, , , , target, flags] = line.split(" ");
    if (target === undefined || flags === undefined) {
      return [];
    }
    const path = target.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    return [{ path, flags }];
  });
  return (path) => {
    const over = mounts.filter(
      (mount) => path === mount.path || path.startsWith(`${mount.path === "/" ? "" : mount.path}/`),
    );
    return (
      over
        .toSorted((a, b) => a.path.length - b.path.length)
        .at(-1)
        ?.flags.split(",")[0] ?? ""
    );
  };
}

test("synthesize and merge say the same again, whole in a file and harmless on a screen", async () => {
  const observation = join(out, "observation.json");
  const merged = await cli.run(["merge", observation, observation]);
  expect(merged.stdout).toBe(written("observation.json"));
  accepts("observation", (await cli.run(["merge", observation, "--json"])).stdout);
  const screen = await cli.run(["synthesize", observation, "./hostile.service"]);
  expect(screen.status, complaint(screen)).toBe(0);
  expect(screen.stdout + screen.stderr).not.toMatch(acting);
  expect(screen.stderr).toContain("write the drop-in with --out FILE");
  const file = join(cli.directory, "made.conf");
  const whole = await cli.run(["synthesize", observation, "./hostile.service", "--out", file, "--json"]);
  expect(readFileSync(file, "utf8")).toBe(JSON.parse(whole.stdout).dropIn);
  expect(JSON.parse(whole.stdout).schema).toBe("cloison.synthesis/1");
});

test("on a terminal there are colours, none with NO_COLOR, and nothing of the service's", () => {
  const command = (env: string) =>
    `cd '${cli.directory}' && ${env} '${process.execPath}' '${cli.program}' synthesize out/observation.json ./hostile.service; NO_COLOR=${env === "" ? "" : 1} '${process.execPath}' '${cli.program}' explain ProtectClock`;
  const onTerminal = (env: string): string =>
    host("env", "TERM=xterm", "script", "-qec", command(env), "/dev/null").stdout;
  const coloured = onTerminal("");
  const plain = onTerminal("NO_COLOR=1");
  const bare = (text: string): string => text.replaceAll("\r\n", "\n");
  expect(bare(plain)).not.toMatch(acting);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for.
  const colour = /\u001b\[\d+m/g;
  expect(coloured.match(colour)?.length).toBeGreaterThan(1);
  expect(bare(coloured).replaceAll(colour, "")).toBe(bare(plain));
});

test("attack and explain speak JSON", async () => {
  const attacked = await cli.run(["attack", "./hostile.service", "--layer", "layer", "--json"]);
  const told = JSON.parse(attacked.stdout);
  expect(told).toMatchObject({ schema: "cloison.attack/3", unit: "hostile.service" });
  expect(told.probes.length).toBeGreaterThanOrEqual(30);
  expect([0, 1, 3]).toContain(attacked.status);
  const explained = await cli.run(["explain", "ProtectClock", "--json"]);
  expect(JSON.parse(explained.stdout)).toMatchObject({ schema: "cloison.directive/1", name: "ProtectClock" });
});
