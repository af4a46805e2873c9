/** An installed unit read from the disk, without asking a service manager: its file and drop-ins in systemd's order. */
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { loadOrder, UNIT_DIRECTORIES } from "../core/unit/load-order.ts";
import { parseServiceName, type UnitName } from "../core/unit/name.ts";
import type { UnitText } from "./unit-text.ts";

/** The files of a unit, its own first, or why there are none. */
export type InstalledUnit =
  | { readonly kind: "installed"; readonly files: readonly UnitText[] }
  | { readonly kind: "missing" }
  /** Its file is a link to /dev/null: systemd never starts it. */
  | { readonly kind: "masked" };

/** Reads an installed unit. Links to other units (aliases) are followed. `directories`: where to look, the usual ones if left out. */
export function readInstalledUnit(name: UnitName, directories: readonly string[] = UNIT_DIRECTORIES): InstalledUnit {
  const { fragment, dropIns } = loadOrder(name, list, { directories });
  if (fragment === undefined) {
    return { kind: "missing" };
  }
  const path = realpathSync(fragment);
  if (path === "/dev/null") {
    return { kind: "masked" };
  }
  const real = parseServiceName(basename(path));
  if (real.ok && real.value.name !== name.name && real.value.instance === undefined) {
    return readInstalledUnit(real.value, directories);
  }
  return {
    kind: "installed",
    files: [fragment, ...dropIns].map((each) => ({ path: each, text: readFileSync(each, "utf8") })),
  };
}

/** The names of all installed services, templates included. */
export function installedServices(directories: readonly string[] = UNIT_DIRECTORIES): readonly string[] {
  return [...new Set(directories.flatMap(list))].filter((name) => name.endsWith(".service"));
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
