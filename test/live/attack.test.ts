/** Attacks in a real box: the control gets through, walls stop what the model says they stop, and the host stays as it is. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attacksOn } from "../../src/core/probes/attack.ts";
import { probes } from "../../src/core/probes/catalogue.ts";
import { runControl } from "../../src/engines/attack/control.ts";
import { survey } from "../../src/engines/attack/survey.ts";
import { type Box, bootBox } from "../../src/engines/box/box.ts";

let box: Box;
beforeAll(async () => {
  box = await bootBox();
});
afterAll(async () => {
  await box?.down();
});

describe("runControl", () => {
  test("every attack that this machine has a target for gets through without walls", async () => {
    const target = {
      name: "x.service",
      executable: "/usr/bin/sleep",
      argv: [],
      fragment: "/etc/passwd",
      stateDirectories: ["/var/lib"],
      ports: [],
    };
    const machine = await survey(box, target, "control");
    const { attacks, notApplicable } = attacksOn(machine, probes);
    const results = await runControl(box, attacks);
    const failed = attacks.flatMap(({ probe }, index) =>
      results[index]?.kind === "through" ? [] : [[probe.id, results[index]]],
    );
    expect(failed).toEqual([]);
  });
});
