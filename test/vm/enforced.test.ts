/**
 * What each release enforces as a host: systemd as PID 1 of a machine with all controllers, AppArmor and BPF among the security modules
 * of Debian's own kernel. Every wall beside the same unit without it; then some units behind all attacks, SAMPLE of them drawn by SEED.
 * Tests src/engines/box/effects.ts, src/engines/judges/table.ts and src/core/directives/resources.
 */
import { describe, expect, test } from "vitest";
import { sampledCases } from "../../src/core/verdict/cases.ts";
import { describeCell, settled } from "../../src/engines/judges/table.ts";
import { prepare } from "../../tools/setup/prepare.mjs";
import { askMachine } from "../../tools/vm/table.mjs";
import { askHost, OF_BPF } from "./fixtures/virtual-host.ts";

const { roots } = prepare({ want: ["roots", "machine"], say: () => {} });
const seed = Number(process.env.SEED ?? Math.floor(Date.now() / (24 * 3600 * 1000)));

describe.each([
  ["bullseye", 247, OF_BPF],
  ["bookworm", 252, OF_BPF],
  ["trixie", 257, []],
  ["sid", 262, []],
])("a host with Debian %s", (suite, version, idle) => {
  const root = roots[suite] ?? "";

  test("enforces what is claimed of it, and nothing else", async () => {
    const { systemd, ineffective, differences, modules, controllers } = await askHost(root);
    expect(systemd).toBe(version);
    expect(modules).toEqual(expect.arrayContaining(["apparmor", "bpf"]));
    expect(controllers).toEqual(expect.arrayContaining(["memory", "pids"]));
    expect(OF_BPF.filter((name) => ineffective.has(name))).toEqual(idle);
    expect(differences).toEqual([]);
  });

  test(`agrees with the model (SEED=${seed})`, async () => {
    const cases = sampledCases(Number(process.env.SAMPLE ?? 4), seed);
    const { systemd, cells } = await settled(askMachine(root), cases);
    expect(systemd).toBe(version);
    expect(cells.filter(({ status }) => status === "disagree").map(describeCell)).toEqual([]);
    expect(cells.some(({ status }) => status === "agree")).toBe(true);
  });
});
