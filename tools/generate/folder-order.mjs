/** The import rules of biome.json, from the order of the folders in tools/house.mjs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { folderOrder } from "../house.mjs";

/** Marks the overrides that are generated: all else in biome.json is written by hand. */
const MESSAGE = "imports only folders above it in the reading order (tools/house.mjs)";

function isGenerated(override) {
  return JSON.stringify(override).includes(MESSAGE);
}

function rule(parent, folder, below) {
  const group = below.map((other) => `**/${other}/**`);
  const patterns = [{ group, message: `${parent}/${folder} ${MESSAGE}.` }];
  return {
    includes: [`${parent}/${folder}/**`, "!**/*.test.ts"],
    linter: { rules: { style: { noRestrictedImports: { level: "error", options: { patterns } } } } },
  };
}

/** biome.json with the rules brought up to date. */
export function generate(root) {
  const config = JSON.parse(readFileSync(join(root, "biome.json"), "utf8"));
  const rules = Object.entries(folderOrder).flatMap(([parent, order]) =>
    order.flatMap((folder, index) => {
      const below = order.slice(index + 1);
      return below.length === 0 ? [] : [rule(parent, folder, below)];
    }),
  );
  const written = config.overrides.filter((override) => !isGenerated(override));
  return [{ path: "biome.json", from: "", text: JSON.stringify({ ...config, overrides: [...written, ...rules] }) }];
}
