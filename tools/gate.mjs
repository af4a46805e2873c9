/**
 * `npm test`: everything that must hold, in one command, on a machine that has only Debian 13, Node 20 and root.
 * Ends with the line `N passed, N failed, N skipped`; a skipped live test counts as failed (REQUIRE_LIVE=1).
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare } from "./setup/prepare.mjs";

const root = join(import.meta.dirname, "..");
const bin = (name) => join(root, "node_modules/.bin", name);
const results = mkdtempSync(join(tmpdir(), "cloison-gate-"));

/** What all that follows reads is made by this one. */
const types = { name: "types of the sources", command: [bin("tsc"), "-b"] };

/** Checks that pass or fail as a whole; they run side by side. */
const checks = [
  { name: "types of the tests", command: [bin("tsc"), "-p", "tsconfig.test.json"] },
  { name: "format, lint, layers, cycles", command: [bin("biome"), "ci", "--colors=off"] },
  { name: "every source has a test", command: [process.execPath, "tools/tests-of.mjs"] },
  { name: "rules of the house", command: [process.execPath, "tools/house.mjs"] },
  { name: "generated files are current", command: [process.execPath, "tools/generate.mjs", "--check"] },
  { name: "dead code", command: [bin("knip"), "--no-progress"] },
  { name: "package", command: [bin("publint"), "--strict"] },
];

function run(command, env = {}) {
  return new Promise((done) => {
    const child = spawn(command[0], command.slice(1), {
      cwd: root,
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    child.on("close", (status) => done({ status, output: Buffer.concat(output).toString() }));
  });
}

async function check({ name, command }) {
  const started = Date.now();
  const { status, output } = await run(command);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (status !== 0) {
    console.log(output);
  }
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
}

/** The examples in the documentation of the core, run one by one. */
async function docTests() {
  const { status, output } = await run([process.execPath, "tools/doctest.mjs"]);
  console.log(output.trimEnd());
  const counts = /(\d+) passed, (\d+) failed$/m.exec(output);
  const [passed, failed] = counts === null ? [0, 1] : [Number(counts[1]), Number(counts[2])];
  return { passed, failed: failed === 0 && status !== 0 ? 1 : failed, skipped: 0 };
}

async function vitest(project, env) {
  const file = join(results, `${project}.json`);
  const started = Date.now();
  const command = [bin("vitest"), "run", "--project", project, "--reporter=json", `--outputFile=${file}`];
  const { status, output } = await run(command, env);
  const report = readReport(file);
  if (report === undefined) {
    console.log(`FAILED ${project} tests did not report\n${output}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const skipped = report.numPendingTests + report.numTodoTests;
  const broken = report.testResults.filter((suite) => suite.status === "failed" && suite.assertionResults.length === 0);
  const failed = report.numFailedTests + broken.length;
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(
    `${status === 0 ? "ok    " : "FAILED"} ${project} tests: ${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped (${seconds} s)`,
  );
  for (const suite of report.testResults) {
    explainFailures(suite);
  }
  return { passed: report.numPassedTests, failed: failed === 0 && status !== 0 ? 1 : failed, skipped };
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function explainFailures(suite) {
  const name = suite.name.replace(`${root}/`, "");
  if (suite.status === "failed" && suite.assertionResults.length === 0) {
    console.log(`  ${name}: ${suite.message}`);
  }
  for (const test of suite.assertionResults) {
    if (test.status === "failed") {
      console.log(`  ${name}: ${test.fullName}\n${test.failureMessages.join("\n").slice(0, 4000)}`);
    } else if (test.status !== "passed") {
      console.log(`  ${name}: ${test.fullName}: ${test.status}`);
    }
  }
}

async function main() {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const add = (counts) => {
    for (const key of Object.keys(totals)) {
      totals[key] += counts[key];
    }
  };
  prepare({
    want: [
      "tools",
      "test-tools",
      "node_modules",
      "build",
      "profiles",
      "layers:demo",
      "layers:samples",
      "layers:shells",
      "roots",
      "units",
      "exec-tests",
    ],
    say: (line) => console.log(`setup: ${line}`),
  });
  add(await check(types));
  for (const counts of await Promise.all([...checks.map(check), docTests()])) {
    add(counts);
  }
  add(await vitest("unit", {}));
  for (const project of ["live", "alone"]) {
    const live = await vitest(project, { REQUIRE_LIVE: "1" });
    // A live test that was skipped on a machine declared able has not shown anything.
    add({ ...live, failed: live.failed + live.skipped, skipped: 0 });
  }
  console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  return totals.failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`error: ${error.message}`);
  console.log("0 passed, 1 failed, 0 skipped");
  process.exitCode = error.exitStatus ?? 1;
} finally {
  rmSync(results, { recursive: true, force: true });
}
