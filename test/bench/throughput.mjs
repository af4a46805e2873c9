/**
 * `[ROUNDS=N] npm run bench:throughput [-- SAMPLE…]`: what the walls of a drop-in cost the service, all together and each alone. Figures, never a
 * test. What is compared is the processor time of the service for each request, read from its cgroup before and after a load that is
 * the same for all: a server that is kept busy answers as many more requests as each takes less. Bare and walled runs take turns, so
 * that whatever else the machine does meets both. The box's own filter is below those of the unit in both.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { valueOrThrow } from "../../dist/core/diagnostic/input-error.js";
import { catalogue } from "../../dist/core/directives/catalogue.js";
import { parse } from "../../dist/core/unit/parse.js";
import { bootBox } from "../../dist/engines/box/box.js";
import { prepare, runScript } from "../../tools/setup/prepare.mjs";
import { setupError } from "../../tools/setup/setup-error.mjs";
import { round, table } from "./table.mjs";
import { median } from "./timing.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 9);
const folder = join(import.meta.dirname, "../samples");

/** A server, how many requests a run makes of it, and the program that makes them. */
const SERVERS = {
  nginx: { requests: 20_000, load: (count) => ["ab", "-q", "-k", "-c", "8", "-n", `${count}`, "http://127.0.0.1/"] },
  "node-server": {
    requests: 4000,
    load: (count) => ["ab", "-q", "-k", "-c", "8", "-n", `${count}`, "http://127.0.0.1:3000/"],
  },
  valkey: { requests: 40_000, load: (count) => ["valkey-benchmark", "-q", "-c", "8", "-t", "get", "-n", `${count}`] },
};

/** Settings that are not walls but exceptions from them, without which others keep the service from starting. */
const DOORS = catalogue.filter(({ door }) => door !== undefined).map(({ name }) => name);

async function runOrThrow(box, argv) {
  const { status, stdout, stderr } = await box.run(argv);
  if (status !== 0) {
    await box.syncJournal();
    const said = await box.run(["journalctl", "-qb", "-n", "5", "-o", "cat"]);
    throw setupError(`${argv.join(" ")}: ${stderr.trim() || stdout.trim()}\n${said.stdout}`);
  }
  return stdout;
}

/** Microseconds that all processes of a unit were on a processor. */
function used(box, unit) {
  const text = readFileSync(`${box.cgroup}/system.slice/${unit}/cpu.stat`, "utf8");
  return Number(/^usage_usec (\d+)$/m.exec(text)[1]);
}

/** Microseconds for each request behind these lines. */
async function measure(box, unit, { requests, load }, lines) {
  const dropIn = `/run/systemd/system/${unit}.d/walls.conf`;
  await box.writeFile(dropIn, `[Unit]\nStartLimitIntervalSec=0\n[Service]\n${lines.join("\n")}\n`);
  await runOrThrow(box, ["systemctl", "daemon-reload"]);
  await runOrThrow(box, ["systemctl", "restart", unit]);
  await runOrThrow(box, [
    "sh",
    "-c",
    'for _ in $(seq 100); do "$@" >/dev/null 2>&1 && exit; sleep 0.05; done; exit 1',
    "sh",
    ...load(requests / 10),
  ]);
  const before = used(box, unit);
  await runOrThrow(box, load(requests));
  return (used(box, unit) - before) / requests;
}

/** The lines of a drop-in, by directive. */
function settingsOf(text) {
  const byName = new Map();
  for (const entry of valueOrThrow(parse(text, "walls.conf")).entries) {
    if (entry.kind === "assignment") {
      const { key, value } = entry;
      byName.set(key, [...(byName.get(key) ?? []), `${key}=${value}`]);
    }
  }
  return byName;
}

async function ask(name, layers) {
  const sample = JSON.parse(readFileSync(join(folder, name, "sample.json"), "utf8"));
  const settings = settingsOf(readFileSync(join(folder, name, "golden/synthesis.conf"), "utf8"));
  const doors = DOORS.flatMap((key) => settings.get(key) ?? []);
  const walls = [...settings]
    .filter(([key]) => !DOORS.includes(key))
    .map(([key, lines]) => [key, [...lines, ...doors]]);
  const variants = new Map([["all of them", [...settings.values()].flat()], ...walls]);
  const box = await bootBox({ layers });
  try {
    const ratios = new Map([...variants.keys()].map((key) => [key, []]));
    for (let at = 0; at < ROUNDS; at += 1) {
      for (const [key, lines] of variants) {
        const bare = await measure(box, sample.unit, SERVERS[name], []);
        ratios.get(key).push(bare / (await measure(box, sample.unit, SERVERS[name], lines)));
      }
    }
    const rows = [...ratios].map(([key, all]) => [
      key,
      round(median(all), 3),
      `${round(Math.min(...all), 3)}–${round(Math.max(...all), 3)}`,
    ]);
    const [whole, ...alone] = rows;
    alone.sort((a, b) => a[1] - b[1]);
    table(`${sample.unit}: requests for the same processor time, bare = 1`, [
      ["walls", "median", `of ${ROUNDS}`],
      whole,
      ...alone,
    ]);
  } finally {
    await box.down();
  }
}

await runScript(async () => {
  const asked = process.argv.slice(2);
  const unknown = asked.find((name) => !Object.hasOwn(SERVERS, name));
  if (unknown !== undefined) {
    throw setupError(`there is no server "${unknown}"; known: ${Object.keys(SERVERS).join(", ")}`);
  }
  const { layers } = prepare({
    want: ["tools", "node_modules", "build", "layers:samples"],
    say: (line) => process.stderr.write(`${line}\n`),
  });
  for (const name of asked.length > 0 ? asked : Object.keys(SERVERS)) {
    await ask(name, layers.samples);
  }
});
