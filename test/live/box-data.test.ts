/** What `--data PATH=empty` empties: the box's own place, whatever links lead there, and never one of the host's. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bootBox } from "../../src/engines/box/box.ts";

const target = `/var/lib/cloison-target-${process.pid}`;
let layer: string;

beforeAll(() => {
  layer = mkdtempSync("/var/tmp/cloison-data-");
  mkdirSync(`${layer}${target}/deep`, { recursive: true });
  writeFileSync(`${layer}${target}/deep/file`, "the service's");
  mkdirSync(`${layer}/srv`);
  symlinkSync(target, `${layer}/srv/cloison link`);
});

afterAll(() => {
  for (const path of [layer, target]) {
    rmSync(path, { recursive: true, force: true });
  }
});

test("a link in the box neither makes it miss its target nor reaches the host", async () => {
  const box = await bootBox({ layers: [layer], data: [{ path: "/srv/cloison link/deep", mode: "empty" }] });
  try {
    expect(existsSync(target)).toBe(false);
    const inside = async (...argv: string[]) => (await box.run(argv)).stdout.trim();
    expect(await inside("ls", "-A", `${target}/deep`)).toBe("");
    expect(await inside("ls", "-A", target)).toBe("deep");
    expect(await inside("findmnt", "-n", "-o", "TARGET", "--target", `${target}/deep`)).toBe(`${target}/deep`);
  } finally {
    await box.down();
  }
  expect(existsSync(target)).toBe(false);
});
