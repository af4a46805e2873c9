/**
 * Runs every `@example` of the documentation comments in src/core against the built package, each in a process of its
 * own. `cloison` in an import stands for the package itself, as for its users. Needs `npm run build` first.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..");
const core = join(root, "src/core");

function sources() {
  return readdirSync(core, { recursive: true })
    .map((name) => join(core, String(name)))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .sort();
}

/** The examples of one file with the line where each begins. A fence of backquotes around the code is optional. */
function examples(file) {
  const text = readFileSync(file, "utf8");
  const found = [];
  for (const comment of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const firstLine = text.slice(0, comment.index).split("\n").length;
    const lines = comment[0]
      .slice(3, -2)
      .split("\n")
      .map((line) => line.replace(/^\s*\*? ?/, ""));
    let start = lines.findIndex((line) => line.startsWith("@example"));
    while (start !== -1) {
      const next = lines.findIndex((line, index) => index > start && /^@\w/.test(line));
      const code = lines.slice(start + 1, next === -1 ? undefined : next).filter((line) => !line.startsWith("```"));
      found.push({ line: firstLine + start, code: code.join("\n") });
      start = next !== -1 && lines[next].startsWith("@example") ? next : -1;
    }
  }
  return found;
}

let passed = 0;
let failed = 0;
for (const file of sources()) {
  for (const { line, code } of examples(file)) {
    const name = `${relative(root, file)}:${line}`;
    const result = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
      cwd: root,
      encoding: "utf8",
    });
    const asserts = code.includes("assert");
    if (result.status === 0 && asserts) {
      passed += 1;
    } else {
      failed += 1;
      console.log(`FAILED example ${name}\n${asserts ? result.stderr : "the example asserts nothing"}`);
    }
  }
}
console.log(`${failed === 0 ? "ok    " : "FAILED"} documentation examples: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
