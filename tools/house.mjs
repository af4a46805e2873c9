#!/usr/bin/env node
/**
 * The order of the rooms, and the rules of the house that no linter knows. A folder imports only folders that stand before
 * it in its list; biome.json's import rules are generated from these lists (tools/generate/folder-order.mjs).
 *
 *     node tools/house.mjs     says what breaks a rule; exit status 1 if anything does
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** By the folder that holds them: its folders, from what stands on nothing to what stands on everything. */
export const folderOrder = {
  "src/core": [
    "diagnostic",
    "json",
    "kernel",
    "bpf",
    "seccomp",
    "unit",
    "dbus",
    "action",
    "trace",
    "sandbox",
    "directives",
    "synthesis",
    "own-user",
    "plan",
    "elf",
    "probes",
    "powers",
    "verdict",
    "export",
    "report",
  ],
  "src/core/seccomp": [
    "policy",
    "diagram",
    "canonical",
    "walk",
    "filter",
    "compare",
    "compile",
    "decompile",
    "explain",
    "oci",
  ],
  "src/core/trace": ["call", "meanings", "tree", "capability", "strace"],
  "src/engines": ["box", "observers", "judges", "life", "apply"],
};

const root = join(import.meta.dirname, "..");

/** Names that do not say what is inside. */
const EMPTY_NAMES = /^(utils?|helpers?|common|misc|types|index)$/;

function sources() {
  const names = readdirSync(join(root, "src"), { recursive: true }).map(String);
  return names
    .filter((name) => name.endsWith(".ts"))
    .map((name) => ({ path: `src/${name}`, text: readFileSync(join(root, "src", name), "utf8") }));
}

/** Folders on disk and in the lists are the same. */
function unlisted() {
  return Object.entries(folderOrder).flatMap(([parent, listed]) => {
    const entries = readdirSync(join(root, parent), { withFileTypes: true });
    const present = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const missing = present.filter((name) => !listed.includes(name));
    const absent = listed.filter((name) => !present.includes(name));
    return [
      ...missing.map((name) => `${parent}/${name} has no place in the order of folders (tools/house.mjs)`),
      ...absent.map((name) => `${parent}/${name} stands in the order of folders and does not exist`),
    ];
  });
}

/** A file `_name.ts` is private to the folder that it lies in, with all below. */
function trespassers(files) {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(/from "(\.[^"]+)"/g)].flatMap(([, target]) => {
      const imported = normalize(join(dirname(path), target));
      const privately = /(^|\/)_[^/]+$/.test(imported);
      const inside = `${dirname(path)}/`.startsWith(`${dirname(imported)}/`);
      return privately && !inside ? [`${path} imports ${imported}, which is private to its folder`] : [];
    }),
  );
}

/** One word, one meaning: no two exported types of one name. */
function namesakes(files) {
  const places = new Map();
  for (const { path, text } of files) {
    for (const [, name] of text.matchAll(/^export (?:interface|type) (\w+)\b(?! *\})/gm)) {
      places.set(name, [...(places.get(name) ?? []), path]);
    }
  }
  return [...places]
    .filter(([, paths]) => paths.length > 1)
    .map(([name, paths]) => `two exported types are called ${name}: ${paths.join(", ")}`);
}

function emptyNames(files) {
  return files.flatMap(({ path }) => {
    const words = path.replace(/\.ts$/, "").split("/").slice(1);
    const allowed = path === "src/core/index.ts";
    return words.some((word) => EMPTY_NAMES.test(word)) && !allowed
      ? [`${path}: the name does not say what is inside`]
      : [];
  });
}

/** At the top of a file: text, a number, a pattern, a set, a map, a list or a table, written out or built from one. */
const WRITTEN_OUT =
  /^(?:export )?const ([a-z]\w*)(?:: (?<type>[^=]+))? = (?:new (?:Set|Map)(?:<[^(]*>)?\(\s*[^)\s]|\[\s*["'\d[{]|-?\d|["'`/]|(?<table>\{)|Object\.)/gm;

/** What is written out once is named in capitals; values that were computed, functions and caches are not. */
function constantsInLowerCase(files) {
  return files
    .filter(({ path }) => !path.startsWith("src/core/kernel/syscalls/") && !path.endsWith(".test.ts"))
    .flatMap(({ path, text }) =>
      [...text.matchAll(WRITTEN_OUT)]
        .filter(({ groups }) => groups?.table === undefined || /^Readonly<Record</.test(groups.type ?? ""))
        .map(([, name]) => `${path}: the constant ${name} is written in capitals everywhere else`),
    );
}

if (process.argv[1] === import.meta.filename) {
  const files = sources();
  const broken = [
    ...unlisted(),
    ...trespassers(files),
    ...namesakes(files),
    ...emptyNames(files),
    ...constantsInLowerCase(files),
  ];
  for (const line of broken) {
    console.error(line);
  }
  process.exitCode = broken.length === 0 ? 0 : 1;
}
