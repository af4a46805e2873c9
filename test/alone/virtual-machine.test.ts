/**
 * A host with all controllers and security modules, as a virtual machine: one of the four releases, another each day, enforces what is
 * claimed of it. All of them, and the attacks there: `npm run test:vm`. Tests src/engines/box/effects.ts.
 */
import { expect, test } from "vitest";
import { prepare } from "../../tools/setup/prepare.mjs";
import { askHost } from "../live/fixtures/virtual-host.ts";

const { roots } = prepare({ want: ["roots", "machine"], say: () => {} });
const seed = Number(process.env.AGREEMENT_SEED ?? Math.floor(Date.now() / (24 * 3600 * 1000)));
const suites = Object.keys(roots);
const suite = suites[seed % suites.length] ?? "";

test(`a host with Debian ${suite} enforces what is claimed of it, and nothing else (AGREEMENT_SEED=${seed})`, async () => {
  const { differences, modules, controllers, ineffective } = await askHost(roots[suite] ?? "");
  expect(differences).toEqual([]);
  expect(modules).toEqual(expect.arrayContaining(["apparmor", "bpf"]));
  expect(controllers).toEqual(expect.arrayContaining(["memory", "pids"]));
  for (const enforced of ["MemoryMax", "TasksMax", "AppArmorProfile"]) {
    expect(ineffective.get(enforced)).toBeUndefined();
  }
}, 400_000);
