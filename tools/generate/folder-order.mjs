/** The import rules of biome.json, from the order of the folders in tools/house.mjs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { folderOrder } from "../house.mjs";

/** Marks the overrides that are generated: all else in biome.json is written by hand. */
const MESSAGE = "imports only folders above it in the reading order (tools/house.mjs)";

function isGenerated(override) {
  return JSON.stringify(override).includes(MESSAGE);
}

function patternsOf(parent, folder) {
  const order = folderOrder[parent];
  const group = order.slice(order.indexOf(folder) + 1).map((other) => `**/${other}/**`);
  // Of two rules for one file the later one counts alone: a folder inside another takes that one's rule along.
  const around = Object.entries(folderOrder).flatMap(([outer, folders]) =>
    folders.filter((each) => `${parent}/`.startsWith(`${outer}/${each}/`)).flatMap((each) => patternsOf(outer, each)),
  );
  return group.length === 0 ? around : [...around, { group, message: `${parent}/${folder} ${MESSAGE}.` }];
}

function rule(parent, folder) {
  const patterns = patternsOf(parent, folder);
  return {
    includes: [`${parent}/${folder}/**`, "!**/*.test.ts"],
    linter: { rules: { style: { noRestrictedImports: { level: "error", options: { patterns } } } } },
  };
}

/** biome.json with the rules brought up to date. */
export function generate(root) {
  const config = JSON.parse(readFileSync(join(root, "biome.json"), "utf8"));
  const rules = Object.entries(folderOrder).flatMap(([parent, order]) =>
    order.filter((folder) => patternsOf(parent, folder).length > 0).map((folder) => rule(parent, folder)),
  );
  const written = config.overrides.filter((override) => !isGenerated(override));
  return [{ path: "biome.json", from: "", text: JSON.stringify({ ...config, overrides: [...written, ...rules] }) }];
}
