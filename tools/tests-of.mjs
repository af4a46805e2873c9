#!/usr/bin/env node
/**
 * Where is the test of X? Beside it, under its name; or in a test whose first comment names the file or a folder above it:
 * "Tests src/core/probes."
 *
 *     node tools/tests-of.mjs FILE…     prints the tests of each source file
 *     node tools/tests-of.mjs           says which source files have none; exit status 1 if any has
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const root = join(import.meta.dirname, "..");

function filesBelow(folder) {
  const names = readdirSync(join(root, folder), { recursive: true }).map(String);
  return names.map((name) => `${folder}/${name}`).filter((name) => name.endsWith(".ts"));
}

const tests = [...filesBelow("src"), ...filesBelow("test")].filter((name) => name.endsWith(".test.ts"));

/** What the first comment of each test names: paths below src, without the dot that ends a sentence. */
const named = tests.map((test) => {
  const [, comment = ""] = /^\/\*\*(.*?)\*\//s.exec(readFileSync(join(root, test), "utf8")) ?? [];
  return {
    test,
    paths: [...comment.matchAll(/\bsrc\/(?:core|linux|engines|cli|web)[\w./-]*/g)].map(([path]) =>
      path.replace(/[./]+$/, ""),
    ),
  };
});

function above(path) {
  const folder = dirname(path);
  return folder === "src" ? [path] : [path, ...above(folder)];
}

/** The tests of a source file, those that say it most exactly first. */
function testsOf(file) {
  const beside = file.replace(/\.ts$/, ".test.ts");
  const found = above(file).flatMap((path) =>
    named.filter(({ paths }) => paths.includes(path)).map(({ test }) => test),
  );
  return [...new Set([...(existsSync(join(root, beside)) ? [beside] : []), ...found])];
}

const asked = process.argv.slice(2).map((path) => normalize(path));
const sources = filesBelow("src").filter((name) => !name.endsWith(".test.ts") && !name.endsWith(".generated.ts"));
for (const file of asked) {
  console.log([file, ...testsOf(file).map((test) => `  ${test}`)].join("\n"));
}
const lacking = asked.length > 0 ? [] : sources.filter((file) => testsOf(file).length === 0);
for (const file of lacking) {
  console.error(`${file}: no test beside it, and none names it or its folder in its first comment`);
}
const gone = named.flatMap(({ test, paths }) =>
  paths.filter((path) => !existsSync(join(root, path))).map((path) => `${test}: names ${path}, which is not there`),
);
for (const line of gone) {
  console.error(line);
}
process.exitCode = lacking.length + gone.length > 0 ? 1 : 0;
