/** An installed unit read from the disk, without asking a service manager: its file and drop-ins in systemd's order. */
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { loadOrder } from "../core/unit/load-order.ts";
import { parseServiceName, type UnitName } from "../core/unit/name.ts";
import type { UnitText } from "./unit-text.ts";

/** The files of a unit, its own first; undefined if it is not installed. Links to other units (aliases) are followed. */
export function readInstalledUnit(name: UnitName): readonly UnitText[] | undefined {
  const { fragment, dropIns } = loadOrder(name, list);
  if (fragment === undefined) {
    return undefined;
  }
  const real = parseServiceName(basename(realpathSync(fragment)));
  if (real.ok && real.value.name !== name.name && real.value.instance === undefined) {
    return readInstalledUnit(real.value);
  }
  return [fragment, ...dropIns].map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
