/** An installed unit read from the disk, without asking a service manager: its file and drop-ins in systemd's order. */
import { basename } from "node:path";
import { loadOrder, UNIT_DIRECTORIES } from "../core/unit/load-order.ts";
import { parseServiceName, type UnitName } from "../core/unit/name.ts";
import { listIn, readIn, resolveIn } from "./beneath.ts";
import { SystemError } from "./system-error.ts";
import type { UnitText } from "./unit-text.ts";

/** Longer by far than any unit; a longer file is refused and not cut. */
const LARGEST_UNIT = 1 << 20;

/** The files of a unit, its own first, or why there are none. */
export type InstalledUnit =
  | { readonly kind: "installed"; readonly files: readonly UnitText[] }
  | { readonly kind: "missing" }
  /** Its file is a link to /dev/null: systemd never starts it. */
  | { readonly kind: "masked" };

/**
 * Reads a unit that is installed below a root (`""`: this machine's). Links to other units (aliases) are followed. The paths are
 * those that the root's own system sees.
 */
export function readInstalledUnit(name: UnitName, root = ""): InstalledUnit {
  const { fragment, dropIns } = loadOrder(name, (path) => listIn(root, path), { directories: UNIT_DIRECTORIES });
  if (fragment === undefined) {
    return { kind: "missing" };
  }
  const path = resolveIn(root, fragment);
  if (path === "/dev/null") {
    return { kind: "masked" };
  }
  const real = parseServiceName(basename(path));
  if (real.ok && real.value.name !== name.name && real.value.instance === undefined) {
    return readInstalledUnit(real.value, root);
  }
  return { kind: "installed", files: [fragment, ...dropIns].map((each) => read(root, each)) };
}

function read(root: string, path: string): UnitText {
  const bytes = readIn(root, resolveIn(root, path), LARGEST_UNIT + 1);
  if (bytes === undefined || bytes.length > LARGEST_UNIT) {
    const reason =
      bytes === undefined ? "it is not a file that can be read" : `it is longer than ${LARGEST_UNIT} bytes`;
    throw new SystemError("read a unit file", { path, reason });
  }
  return { path, text: bytes.toString("utf8") };
}

/** The names of all services that are installed on this machine, templates included. */
export function installedServices(): readonly string[] {
  const names = UNIT_DIRECTORIES.flatMap((directory) => listIn("", directory));
  return [...new Set(names)].filter((name) => name.endsWith(".service"));
}
