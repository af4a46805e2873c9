/** The explanations of a directive and of an attack, on ones written for the purpose: every part of them must be said. */
import { expect, test } from "vitest";
import { type Directive, never } from "../directives/directive.ts";
import type { Probe } from "../probes/probe.ts";
import { explainAttack, explainable, explainDirective } from "./explain.ts";
import { plainText } from "./lines.ts";

const directive: Directive<boolean> = {
  name: "ProtectMoon",
  since: 300,
  group: "kernel",
  summary: "Keeps the service from moving the moon.",
  breaks: "Lunar ferries.",
  requires: [],
  ineffective: ["On Mars.", "During an eclipse."],
  initial: false,
  fold: () => ({ value: false, diagnostics: [] }),
  print: () => [],
  meet: (a, b) => a || b,
  walls: () => [],
  samples: ["no", "yes"],
  ladder: () => [],
};

const told: Directive<boolean> = {
  ...directive,
  section: "Unit",
  kernel: "7.1",
  weight: 250,
  fold: (assignments) => ({ value: assignments.at(-1)?.value === "yes", diagnostics: [] }),
  valueSince: (value) => (value ? 301 : 300),
  implies: (value, { systemd }) =>
    value ? [`ProtectSun=${systemd > 301 ? "strict" : "yes"}`, "PrivateMounts=yes"] : [],
  broke: [
    { sentence: "Apollo did not land.", reference: "nasa/apollo#13" },
    { sentence: "Luna did not land.", reference: "bug 15" },
  ],
};

test("explainDirective: says where it stands, what values need and bring along, its weight and what it broke", () => {
  const text = plainText(explainDirective(told, { stops: [] }));
  expect(text).toContain(`
Section      [Unit]
Since        systemd 300; yes since 301
Kernel       Linux 7.1
Values       no | yes
Implies      ProtectSun=strict, PrivateMounts=yes (with yes)
Weight       250 in the score of systemd-analyze security
Breaks       Lunar ferries.
Broke        Apollo did not land. (nasa/apollo#13)
             Luna did not land. (bug 15)
Ineffective  On Mars.
`);
});

test("explainDirective: says what it does, since when, what it breaks, when it is void, what it stops", () => {
  const stops = [{ value: "yes", attacks: ["Set the clock", "Name with \u001b[2J"] }];
  expect(plainText(explainDirective(directive, { stops, systemd: 257 }))).toBe(
    `ProtectMoon=  kernel
Keeps the service from moving the moon.

Since        systemd 300; systemd 257 ignores it
Values       no | yes
Breaks       Lunar ferries.
Ineffective  On Mars.
             During an eclipse.

Stops, taken alone on a service that runs as root
  ProtectMoon=yes
    ✓ Set the clock
    ✓ Name with \\u{1b}[2J
`,
  );
});

test("explainDirective: stopping nothing is said too", () => {
  const text = plainText(explainDirective(directive, { stops: [] }));
  expect(text).toContain("It stops none of the attacks that Cloison tries");
  expect(text).toContain("Since        systemd 300\n");
});

const probe: Probe = {
  id: "move-moon",
  title: "move the moon",
  gain: "Tides at will.",
  goals: ["pose"],
  steps: () => [],
};

test("explainAttack: says what it tries and gains, its steps, and what stops it", () => {
  const steps = [
    { call: 'openat(-100, "/dev/moon")', optional: false },
    { call: "close(3)", optional: true },
  ];
  const stoppedBy = [{ directive: "ProtectMoon", values: ["yes", ""] }];
  expect(plainText(explainAttack(probe, { steps, stoppedBy }))).toBe(
    `move-moon  attack
The intruder tries to move the moon. Tides at will.

Goals        speak for the machine: its ports, name, packets or clock

Steps, on a machine as Debian sets one up
  openat(-100, "/dev/moon")
  close(3)  may fail

Stopped by any of these, taken alone on a service that runs as root
  ProtectMoon=yes | (empty)
`,
  );
});

test("explainAttack: that nothing stops it is said too", () => {
  expect(plainText(explainAttack(probe, { steps: [], stoppedBy: [] }))).toContain(
    "No directive that Cloison knows stops",
  );
});

test("explainable: names every directive below its group, and every attack", () => {
  expect(plainText(explainable([directive], [probe]))).toBe(
    `Directives
  kernel      ProtectMoon

Attacks
  move-moon  move the moon
`,
  );
});

test("explainDirective: a directive that Cloison never writes says why", () => {
  const text = plainText(explainDirective({ ...directive, ladder: never("The moon is not ours.") }, { stops: [] }));
  expect(text).toMatch(/^Not written +The moon is not ours\.$/m);
  expect(plainText(explainDirective(directive, { stops: [] }))).not.toContain("Not written");
});
