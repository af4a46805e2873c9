import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseServiceName } from "../core/unit/name.ts";
import { readInstalledUnit } from "./installed-unit.ts";

const root = mkdtempSync(join(tmpdir(), "cloison-units-"));
afterAll(() => rmSync(root, { recursive: true }));

function read(word: string): ReturnType<typeof readInstalledUnit> {
  const name = parseServiceName(word);
  if (!name.ok) {
    throw new Error(word);
  }
  return readInstalledUnit(name.value, [root]);
}

test("a unit is read with its drop-ins, under any of its names", () => {
  writeFileSync(join(root, "shop.service"), "[Service]\nExecStart=/bin/true\n");
  mkdirSync(join(root, "shop.service.d"));
  writeFileSync(join(root, "shop.service.d/walls.conf"), "[Service]\nNoNewPrivileges=yes\n");
  symlinkSync("shop.service", join(root, "store.service"));
  const paths = ["shop.service", "shop.service.d/walls.conf"].map((path) => join(root, path));
  for (const word of ["shop.service", "store"]) {
    const unit = read(word);
    expect(unit.kind === "installed" && unit.files.map(({ path }) => path)).toEqual(paths);
  }
});

test("a masked unit is not a missing one", () => {
  symlinkSync("/dev/null", join(root, "shut.service"));
  expect([read("shut"), read("nowhere")]).toEqual([{ kind: "masked" }, { kind: "missing" }]);
});
