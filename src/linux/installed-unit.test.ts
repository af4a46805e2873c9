import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseServiceName } from "../core/unit/name.ts";
import { readInstalledUnit } from "./installed-unit.ts";

const root = mkdtempSync(join(tmpdir(), "cloison-units-"));
const units = join(root, "etc/systemd/system");
mkdirSync(units, { recursive: true });
afterAll(() => rmSync(root, { recursive: true }));

function read(word: string): ReturnType<typeof readInstalledUnit> {
  const name = parseServiceName(word);
  if (!name.ok) {
    throw new Error(word);
  }
  return readInstalledUnit(name.value, root);
}

test("a unit is read with its drop-ins, under any of its names", () => {
  writeFileSync(join(units, "shop.service"), "[Service]\nExecStart=/bin/true\n");
  mkdirSync(join(units, "shop.service.d"));
  writeFileSync(join(units, "shop.service.d/walls.conf"), "[Service]\nNoNewPrivileges=yes\n");
  symlinkSync("shop.service", join(units, "store.service"));
  const paths = ["shop.service", "shop.service.d/walls.conf"].map((path) => join("/etc/systemd/system", path));
  symlinkSync("/etc/systemd/system/shop.service", join(units, "market.service"));
  for (const word of ["shop.service", "store", "market"]) {
    const unit = read(word);
    expect(unit.kind === "installed" && unit.files.map(({ path }) => path)).toEqual(paths);
  }
});

test("a masked unit is not a missing one", () => {
  symlinkSync("/dev/null", join(units, "shut.service"));
  expect([read("shut"), read("nowhere")]).toEqual([{ kind: "masked" }, { kind: "missing" }]);
});
