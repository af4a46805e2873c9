/**
 * `npm run agreement -- [--vm] [--units] [--root 247|252|257|262|all] [--sample N|all] [--seed S] [--attacks ID,ID,…]`: the model
 * against the systemd of each of Debian's releases. All values behind all attacks and mixtures of three to thirty settings; with
 * `--units` the units that Debian's packages ship; or N units of these drawn by the seed; with `--attacks` only these attacks. Ends with
 * `agreement: N cells on systemd …: N disagreements, N undecided`; exit status 1 if there are disagreements.
 *
 * With `--vm` not in boxes but in virtual machines, where each release's systemd is the PID 1 of a host on Debian's own kernel, with
 * all controllers and security modules. These are emulated, so that a unit takes seconds: a sample of 24 unless another is asked for.
 *
 * What is finished is kept below the cache until the whole run is, by the state of the sources, the root and the seed: the
 * same command goes on where it was stopped.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cacheDirectory } from "./setup/layer.mjs";
import { prepare, runScript } from "./setup/prepare.mjs";
import { roots } from "./setup/roots.mjs";
import { setupError } from "./setup/setup-error.mjs";

const MIXTURES = 200;
/** Units whose cells are asked in one box or machine, and lost when the run is stopped. */
const CHUNK = { box: 60, machine: 24 };
/** Units that a virtual machine is asked of when nothing else is said: about three minutes for each release. */
const MACHINE_SAMPLE = "24";

const say = (line) => process.stderr.write(`${line}\n`);

function number(text, name) {
  if (!/^\d{1,9}$/.test(text)) {
    throw setupError(`--${name} takes a number, not "${text}"`);
  }
  return Number(text);
}

function settings() {
  const { values } = parseArgs({
    options: {
      root: { type: "string", default: "all" },
      vm: { type: "boolean", default: false },
      sample: { type: "string" },
      seed: { type: "string", default: "1" },
      units: { type: "boolean", default: false },
      attacks: { type: "string" },
    },
  });
  const suites = Object.keys(roots).filter((suite) => ["all", suite, `${roots[suite].systemd}`].includes(values.root));
  if (suites.length === 0) {
    const known = Object.entries(roots).map(([suite, { systemd }]) => `${systemd} (${suite})`);
    throw setupError(`there is no root "${values.root}"; known: all, ${known.join(", ")}`);
  }
  const wanted = values.sample ?? (values.vm ? MACHINE_SAMPLE : "all");
  const sample = wanted === "all" ? undefined : number(wanted, "sample");
  const { vm, units, attacks } = values;
  if (vm && attacks !== undefined) {
    throw setupError("a virtual machine is asked about all attacks; leave out --vm or --attacks");
  }
  return { suites, sample, seed: number(values.seed, "seed"), vm, units, attacks: attacks?.split(",") };
}

/** In a file's name: whatever is hashed may be longer than that can be. */
function hashOf(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) {
    hash.update(part);
  }
  return hash.digest("hex").slice(0, 16);
}

/** Changes with every source that is not committed, too. */
function stateOfSources() {
  const git = (...args) => execFileSync("git", args, { cwd: join(import.meta.dirname, ".."), maxBuffer: 1 << 28 });
  return hashOf(git("rev-parse", "HEAD"), git("diff", "HEAD"));
}

/** What was finished of this run: one line of JSON for each chunk. */
function finished(file) {
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  // The last line of a run that was killed may be cut off.
  return new Map(
    lines
      .slice(0, -1)
      .map((line) => JSON.parse(line))
      .map((chunk) => [chunk.at, chunk]),
  );
}

function summary(at, { systemd, cells }, describeCell) {
  const undecided = {};
  for (const { status } of cells) {
    if (typeof status === "object") {
      undecided[status.undecided] = (undecided[status.undecided] ?? 0) + 1;
    }
  }
  const disagreements = cells.filter(({ status }) => status === "disagree").map(describeCell);
  return { at, systemd, cells: cells.length, disagreements, undecided };
}

async function askRoot({ suite, root, vm, file, probes }, cases) {
  const { tableOn, settled, describeCell } = await import("../dist/engines/judges/table.js");
  const { askMachine } = await import("./vm/table.mjs");
  const ask = vm ? (some) => settled(askMachine(root), some) : (some) => tableOn(root, some, probes);
  const size = vm ? CHUNK.machine : CHUNK.box;
  const done = finished(file);
  const chunks = [];
  for (let at = 0; at < cases.length; at += size) {
    let chunk = done.get(at);
    if (chunk === undefined) {
      chunk = summary(at, await ask(cases.slice(at, at + size)), describeCell);
      appendFileSync(file, `${JSON.stringify(chunk)}\n`);
      for (const line of chunk.disagreements) {
        process.stdout.write(`systemd ${chunk.systemd}: ${line}\n`);
      }
      say(`${suite}: ${Math.min(at + size, cases.length)} of ${cases.length} units`);
    }
    chunks.push(chunk);
  }
  return chunks;
}

/** Boxes wait more than they compute, so all releases are asked at once; an emulated machine keeps every processor busy. */
async function askAll(asked, cases) {
  if (!asked.some(({ vm }) => vm)) {
    return (await Promise.all(asked.map((one) => askRoot(one, cases)))).flat();
  }
  const chunks = [];
  for (const one of asked) {
    chunks.push(...(await askRoot(one, cases)));
  }
  return chunks;
}

function conclude(chunks) {
  const reasons = new Map();
  for (const { systemd, undecided } of chunks) {
    for (const [reason, count] of Object.entries(undecided)) {
      const key = `systemd ${systemd}: ${reason}`;
      reasons.set(key, (reasons.get(key) ?? 0) + count);
    }
  }
  for (const [reason, count] of reasons) {
    process.stdout.write(`undecided, ${count} cells: ${reason}\n`);
  }
  const cells = chunks.reduce((sum, chunk) => sum + chunk.cells, 0);
  const disagreements = chunks.reduce((sum, chunk) => sum + chunk.disagreements.length, 0);
  const undecided = [...reasons.values()].reduce((sum, count) => sum + count, 0);
  const versions = [...new Set(chunks.map(({ systemd }) => systemd))].sort((a, b) => a - b).join(", ");
  process.stdout.write(
    `agreement: ${cells} cells on systemd ${versions}: ${disagreements} disagreements, ${undecided} undecided\n`,
  );
  return disagreements === 0 ? 0 : 1;
}

/** Every value, and mixtures. */
async function own(sample, seed) {
  const { allCases, mixtures, sampledCases } = await import("../dist/core/verdict/cases.js");
  return sample === undefined ? [...allCases(), ...mixtures(MIXTURES, seed)] : sampledCases(sample, seed);
}

/** Units of Debian's packages that have walls. */
async function shipped(units, sample, seed) {
  const { casesOfUnit } = await import("../dist/core/verdict/unit-case.js");
  const { drawn } = await import("../dist/core/verdict/cases.js");
  const cases = units.flatMap(casesOfUnit);
  return sample === undefined ? cases : drawn(cases, sample, seed);
}

/** The attacks of these ids; undefined: all. */
async function chosen(ids) {
  if (ids === undefined) {
    return undefined;
  }
  const { probes } = await import("../dist/core/probes/catalogue.js");
  const unknown = ids.find((id) => !probes.some((probe) => probe.id === id));
  if (unknown !== undefined) {
    throw setupError(`there is no attack "${unknown}"`);
  }
  return probes.filter(({ id }) => ids.includes(id));
}

await runScript(async () => {
  const { suites, sample, seed, vm, units, attacks } = settings();
  const want = ["tools", "build", "roots", ...(vm ? ["machine"] : []), ...(units ? ["units"] : [])];
  const made = prepare({ want, say });
  const cases = units ? await shipped(made.units, sample, seed) : await own(sample, seed);
  const probes = await chosen(attacks);
  const directory = join(cacheDirectory, "agreement");
  mkdirSync(directory, { recursive: true });
  const asking = [...(units ? ["units"] : []), ...(attacks ? [hashOf(attacks.join())] : [])];
  const where = [vm ? "vm" : "box", ...asking].join("-");
  const name = (suite) => `${stateOfSources()}-${where}-${suite}-${sample ?? "all"}-${seed}.jsonl`;
  const files = suites.map((suite) => join(directory, name(suite)));
  const asked = suites.map((suite, index) => ({ suite, root: made.roots[suite], vm, file: files[index], probes }));
  const status = conclude(await askAll(asked, cases));
  for (const file of files) {
    rmSync(file, { force: true });
  }
  return status;
});
