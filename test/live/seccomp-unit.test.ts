/**
 * What we say that a unit's filters do against what systemd really attaches: units are started in a box, the filters of
 * their processes are read with ptrace, and both are compared for every input.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Program } from "../../src/core/bpf/instruction.ts";
import { diff } from "../../src/core/seccomp/compare/diff.ts";
import { merge } from "../../src/core/seccomp/compile/merge.ts";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { filtersOfProcess } from "../../src/linux/seccomp-filters.ts";
import { unitFilter } from "./fixtures/unit-filter.ts";

let box: Box;

beforeAll(async () => {
  // Any other box has a filter of its own, which would be among those of the unit.
  box = await bootBox({ name: "filters", forAttacks: true });
});

afterAll(() => box?.down());

/** Starts a unit with these lines and gives the filters of its process. */
async function attached(name: string, lines: readonly string[]): Promise<readonly Program[]> {
  const text = ["[Service]", "ExecStart=/usr/bin/sleep 300", ...lines, ""].join("\n");
  await box.writeFile(`/etc/systemd/system/${name}.service`, text);
  await box.systemctl("daemon-reload");
  const started = await box.systemctl("start", name);
  expect(started.stderr).toBe("");
  const deadline = Date.now() + 60_000;
  const cgroup = `${box.cgroup}/system.slice/${name}.service/cgroup.procs`;
  for (;;) {
    const pid = Number(readFileSync(cgroup, "utf8").trim().split("\n")[0]);
    // Until execve the process is still systemd's own, with the filters attached so far.
    if (pid > 0 && readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "sleep") {
      return (await filtersOfProcess(pid)).programs;
    }
    if (Date.now() > deadline) {
      throw new Error(`${name} did not start`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const everything: readonly string[] = [
  "SystemCallFilter=@system-service",
  "SystemCallFilter=~@resources",
  "SystemCallErrorNumber=EPERM",
  "SystemCallArchitectures=native x86",
  "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
  "RestrictNamespaces=yes",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "LockPersonality=yes",
  "MemoryDenyWriteExecute=yes",
  "ProtectClock=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelLogs=yes",
  "ProtectKernelTunables=yes",
  "ProtectHostname=yes",
  "PrivateDevices=yes",
];

test.each<[string, readonly string[]]>([
  ["everything", everything],
  ["denied", ["SystemCallFilter=~@clock @module:kill ptrace:38", "SystemCallErrorNumber=EACCES"]],
  ["families", ["RestrictAddressFamilies=~AF_PACKET AF_NETLINK", "RestrictNamespaces=~user net"]],
  [
    "multiplexed",
    ["SystemCallFilter=~@network-io", "SystemCallFilter=socketcall", "SystemCallFilter=~shmat msgget:ENOSYS"],
  ],
  ["listed", ["SystemCallFilter=@basic-io @file-system socket semget accept", "SystemCallErrorNumber=EACCES"]],
  ["elsewhere", ["SystemCallArchitectures=arm64", "LockPersonality=yes"]],
  ["anywhere", ["SystemCallArchitectures=x86-64 x86 x32", "LockPersonality=yes"]],
  ["memory", ["MemoryDenyWriteExecute=yes", "LockPersonality=yes", "RestrictSUIDSGID=yes"]],
])("a unit's filters are what systemd attaches: %s", async (name, lines) => {
  const programs = await attached(`filters-${name}`, lines);
  expect(programs.length).toBeGreaterThan(0);
  const compared = diff({ kind: "stack", programs }, unitFilter(lines).filter);
  if (compared.kind === "unknown") {
    throw new Error(compared.reason);
  }
  // systemd knows calls of newer kernels than the tables, which go as far as the headers that they were made from.
  const named = compared.differences.filter(({ abi, calls }) => abi === undefined || calls.length > 0);
  const shown = named.map(({ abi, calls, numbers, examples }) => ({
    abi,
    calls: calls.slice(0, 6).join(" "),
    numbers: JSON.stringify(numbers.slice(0, 3)),
    examples: Object.values(examples).map((each) =>
      JSON.stringify([each.data, each.first, each.second], (_, value) =>
        typeof value === "bigint" ? `0x${value.toString(16)}` : value,
      ),
    ),
  }));
  expect(shown).toEqual([]);
});

test("the filters of a unit with every directive come to one small filter", async () => {
  const programs = await attached("filters-one", everything);
  const merged = merge(programs);
  if (!merged.ok) {
    throw new Error(JSON.stringify(merged.diagnostics));
  }
  const { program } = merged.value;
  expect(diff({ kind: "stack", programs }, { kind: "program", program })).toMatchObject({ relation: "equal" });
  expect(programs.length).toBeGreaterThan(20);
  expect(program.length).toBeLessThan(programs.reduce((sum, each) => sum + each.length, 0) / 5);
});
