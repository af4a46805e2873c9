/** A whole suite of attacks, its control included, leaves the machine as it was. Nothing may run beside this test. */
import { afterAll, beforeEach, expect, test } from "vitest";
import { bootBox } from "../../src/engines/box/box.ts";
import { attackUnit } from "../../src/engines/judges/systemd/attack.ts";
import { boundClockError, changesSince, machineState } from "./machine-state.ts";

const NEVER_SYNCHRONISED = 16_000_000;
const unbounded = machineState().get("clock")?.includes("unbounded") === true;
beforeEach(() => {
  if (unbounded) {
    boundClockError(1000);
  }
});
afterAll(() => {
  if (unbounded) {
    boundClockError(NEVER_SYNCHRONISED);
  }
});

test.each(["private", "host"] as const)("attacks without any wall change nothing, network %s", async (network) => {
  const before = machineState();
  const box = await bootBox({ network, forAttacks: true });
  try {
    await box.writeFile("/etc/systemd/system/bare.service", "[Service]\nExecStart=/usr/bin/sleep 1000\n");
    await box.systemctl("daemon-reload");
    const own = { uid: 0, gid: 0 };
    const { results } = await attackUnit(box, "bare.service", {
      own,
      identities: [],
      sandboxFor: () => ({ walls: [] }),
    });
    expect(results.filter(({ open }) => open).length).toBeGreaterThanOrEqual(network === "private" ? 55 : 45);
  } finally {
    await box.down();
  }
  expect(await changesSince(before)).toEqual([]);
});
