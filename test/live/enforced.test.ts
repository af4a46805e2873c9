/**
 * What this machine's kernel lets a box enforce of memory, processes, labels and BPF programs, with each systemd: as the model says it,
 * with the reason for what is not. What a host with all of it shows: test/vm/enforced.test.ts. Tests src/engines/box/effects.ts.
 */
import { expect, test } from "vitest";
import { bootBox } from "../../src/engines/box/box.ts";
import { effects } from "../../src/engines/box/effects.ts";
import { systemdVersion } from "../../src/linux/systemd-version.ts";
import { prepare } from "../../tools/setup/prepare.mjs";
import { DOORS, differences, tryWalls, WALLS } from "./fixtures/enforced.ts";

const { roots } = prepare({ want: ["roots"], say: () => {} });

test.each([
  ["this machine, for attacks", undefined, true],
  ["Debian 12, for attacks", roots.bookworm, true],
  ["sid, for attacks", roots.sid, true],
  // Its PID 1 may attach no programs by links, whatever the release has built in.
  ["sid, for services", roots.sid, false],
])("a box on the root of %s, enforces what is claimed of it and nothing else", async (_, root, forAttacks) => {
  const box = await bootBox({ forAttacks, ...(root === undefined ? {} : { root }) });
  try {
    const { version } = await systemdVersion((argv) => box.run(argv));
    const { ineffective } = await effects(box);
    const idle = new Map(ineffective.map(({ directive, reason }) => [directive, reason]));
    expect(differences(await tryWalls(box, [...WALLS, ...DOORS]), version, idle)).toEqual([]);
  } finally {
    await box.down();
  }
});
