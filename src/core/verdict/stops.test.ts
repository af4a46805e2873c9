/** What stops an attack is the same whether asked by attack or by directive, and every attack has steps to show. */
import { expect, test } from "vitest";
import { catalogue } from "../directives/catalogue.ts";
import { probes } from "../probes/catalogue.ts";
import { attackExplained, stoppedBy } from "./stops.ts";

test("an attack names exactly the values that name it", () => {
  const told = probes.flatMap((probe) =>
    attackExplained(probe).stoppedBy.flatMap(({ directive, values }) =>
      values.map((value) => `${directive}=${value} ${probe.id}`),
    ),
  );
  const asked = catalogue.flatMap((directive) =>
    stoppedBy(directive).flatMap(({ value, probes: stopped }) =>
      stopped.map(({ id }) => `${directive.name}=${value} ${id}`),
    ),
  );
  expect(told.length).toBeGreaterThan(probes.length);
  expect([...told].sort()).toEqual([...asked].sort());
});

test("every attack has steps on the ordinary machine", () => {
  for (const probe of probes) {
    expect(attackExplained(probe).steps.length, probe.id).toBeGreaterThan(0);
  }
});

test("the clock is stopped by what systemd.exec(5) says of the clock", () => {
  const probe = probes.find(({ id }) => id === "set-clock");
  if (probe === undefined) {
    throw new Error("there is no set-clock");
  }
  const named = attackExplained(probe).stoppedBy.map(({ directive }) => directive);
  expect(named).toEqual(expect.arrayContaining(["ProtectClock", "SystemCallFilter", "CapabilityBoundingSet"]));
  expect(named).not.toContain("ProtectHostname");
});
