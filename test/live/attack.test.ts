/**
 * Attacks in a real box: the control gets through, walls stop what the model says they stop, and everything is put back. Tests
 * src/core/probes and src/engines/judges.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Identity } from "../../src/core/action/action.ts";
import type { Privilege } from "../../src/core/directives/prefixes.ts";
import { sandboxOf } from "../../src/core/directives/sandbox.ts";
import { attacksOn } from "../../src/core/probes/attack.ts";
import { probes } from "../../src/core/probes/catalogue.ts";
import { behind } from "../../src/core/sandbox/judge.ts";
import type { Sandbox } from "../../src/core/sandbox/wall.ts";
import type { AttackReport } from "../../src/core/verdict/result.ts";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { attackUnit } from "../../src/engines/judges/systemd/attack.ts";
import { runControl } from "../../src/engines/judges/systemd/control.ts";
import { survey } from "../../src/engines/judges/systemd/survey.ts";

const ROOT: Identity = { uid: 0, gid: 0 };
const WORKER: Identity = { uid: 33, gid: 33 };
const NOBODY: Identity = { uid: 65534, gid: 65534 };

let box: Box;
beforeAll(async () => {
  box = await bootBox({ forAttacks: true });
});
afterAll(async () => {
  await box?.down();
});

/** The walls that these lines build, by the model. */
function sandboxFrom(lines: readonly string[], privilege: Privilege = "sandboxed"): Sandbox {
  const assignments = lines.map((text, index) => {
    const [name = "", ...rest] = text.split("=");
    return { name, value: rest.join("="), file: "test", line: index + 1 };
  });
  const host = {
    systemd: 257,
    machine: "x86_64" as const,
    user: () => ({ ...NOBODY, groups: [] }),
    directories: [],
    executables: [],
    privilege,
  };
  return sandboxOf((name) => assignments.filter((each) => each.name === name), host).sandbox;
}

/** Installs a service whose program is a copy of sleep(1) and attacks it. */
async function attack(
  name: string,
  lines: readonly string[],
  own: Identity,
  more: { readonly others?: readonly Identity[]; readonly again?: boolean; readonly only?: readonly string[] } = {},
) {
  const { others = [], again = false, only } = more;
  const chosen = only === undefined ? {} : { probes: probes.filter(({ id }) => only.includes(id)) };
  const program = `/opt/${name}/server`;
  await box.run(["install", "-D", "-m", "755", "/usr/bin/sleep", program]);
  const start = lines.some((line) => line.startsWith("ExecStart="))
    ? []
    : [`ExecStart=${program} 1000`, "Restart=always"];
  const unit = ["[Service]", ...start, ...lines, ""].join("\n");
  await box.writeFile(`/etc/systemd/system/${name}.service`, unit);
  await box.systemctl("daemon-reload");
  const sandboxFor = (identity: Identity, privilege: Privilege) => behind(sandboxFrom(lines, privilege), identity);
  return {
    program,
    report: await attackUnit(box, `${name}.service`, { own, identities: others, sandboxFor, again, ...chosen }),
  };
}

function idsOf({ results }: AttackReport, which: (result: AttackReport["results"][number]) => boolean): string[] {
  return results
    .filter(which)
    .map(({ id, identity, reason, evidence }) => `${id} as ${identity}: ${reason}: ${evidence}`);
}

describe("runControl", () => {
  test("without walls every attack gets through that this kernel has a target for", async () => {
    const target = {
      name: "x.service",
      executable: "/usr/bin/sleep",
      argv: [],
      fragment: "/etc/passwd",
      stateDirectories: ["/var/lib"],
      owner: ROOT,
      ports: [],
    };
    const { attacks } = attacksOn(await survey(box, target, "control"), probes);
    expect(attacks.length).toBeGreaterThanOrEqual(55);
    const answers = await runControl(box, attacks);
    const failed = attacks.flatMap(({ probe }, index) => {
      const answer = answers[index];
      const lacks = answer?.kind === "stopped" && answer.answer === "ENOSYS";
      return answer?.kind === "through" || lacks ? [] : [[probe.id, answer]];
    });
    expect(failed).toEqual([]);
  });
});

describe("attackUnit", () => {
  test("a bare root service is open to all attacks, as the model says", async () => {
    const { report } = await attack("bare", [], ROOT);
    expect(idsOf(report, ({ open }) => !open)).toEqual([]);
    expect(report.results.every(({ control, outcome }) => control === "passed" && outcome === "holds")).toBe(true);
  });

  test("walls hold for the master and for the worker that it becomes", async () => {
    const lines = ["ProtectSystem=strict", "ProtectHome=yes", "PrivateDevices=yes", "ProtectClock=yes"];
    const { report } = await attack("master", lines, ROOT, { others: [ROOT, WORKER] });
    expect(idsOf(report, ({ outcome }) => outcome !== "holds")).toEqual([]);
    const of = (id: string) =>
      report.results.filter((result) => result.id === id).map(({ identity, open, reason }) => [identity, open, reason]);
    expect(of("set-clock")).toEqual([
      ["0:0", false, "stopped by ProtectClock=yes"],
      ["33:33", false, expect.stringContaining("ProtectClock=yes")],
    ]);
    expect(of("kill-neighbour").map(([, open]) => open)).toEqual([true, false]);
  });

  test("what stops an attack on a file only until it is replaced is told from what stops it for good", async () => {
    const lines = ["InaccessiblePaths=/etc/shadow /root"];
    const { report } = await attack("on-files", lines, ROOT);
    const until = (id: string) => report.results.find((result) => result.id === id)?.until;
    expect(until("read-shadow")).toEqual(["/etc/shadow"]);
    expect(until("read-root-home")).toBeUndefined();
    expect(report.onFiles).toEqual([expect.stringContaining("InaccessiblePaths=/etc/shadow: ")]);
  });

  describe("tried again, behind the same walls after a month, and after a second start", () => {
    test("finds what falls with the file that it stands on, and what does not", async () => {
      const shut = ["/etc/shadow", "/run/cloison-daemons/root-only", "/run/systemd/private"];
      const lines = [`InaccessiblePaths=${shut.join(" ")} /root`, "CapabilityBoundingSet=", "PrivateUsers=yes"];
      const { report } = await attack("month", lines, ROOT, { again: true });
      expect(idsOf(report, ({ outcome }) => outcome !== "holds")).toEqual([]);
      const of = (id: string) => report.results.find((result) => result.id === id);
      const fell = { open: false, later: { after: "through", anew: "stopped" } };
      expect(of("read-shadow")).toMatchObject({ ...fell, until: ["/etc/shadow"] });
      expect(of("ask-root-only-daemon")).toMatchObject({ ...fell, until: ["/run/cloison-daemons/root-only"] });
      expect(of("ask-manager")).toMatchObject({ ...fell, until: ["/run/systemd/private"] });
      expect(of("read-root-home")).toMatchObject({ open: false, later: { after: "stopped", anew: "stopped" } });
      expect(of("ask-daemon")).toMatchObject({ open: true, later: { after: "through", anew: "through" } });
      expect(report.results.every(({ later }) => later !== undefined)).toBe(true);
    });

    test("says what could not be tried: where children are refused, each command has walls of its own", async () => {
      const lines = ["SystemCallFilter=~clone", "InaccessiblePaths=/etc/shadow"];
      const only = ["read-shadow", "set-clock", "mount"];
      const { report } = await attack("month-childless", lines, ROOT, { again: true, only });
      expect(idsOf(report, ({ outcome }) => outcome !== "holds")).toEqual([]);
      expect(report.results.map(({ id, open, later }) => [id, open, later])).toEqual([
        ["mount", true, { after: "untried", anew: "through" }],
        ["read-shadow", false, { after: "untried", anew: "stopped" }],
        ["set-clock", true, { after: "untried", anew: "through" }],
      ]);
    });
  });

  test("each line of a oneshot is attacked behind the walls that its prefix leaves", async () => {
    const lines = ["Type=oneshot", "User=nobody", "ProtectClock=yes", "PrivateNetwork=yes", "ProtectSystem=strict"];
    const commands = ["+/opt/lines/server 0", "!!/opt/lines/server 0", "-!/opt/lines/server 0", "/opt/lines/server 0"];
    const { report } = await attack("lines", [...lines, ...commands.map((each) => `ExecStart=${each}`)], NOBODY);
    expect(idsOf(report, ({ outcome }) => outcome !== "holds")).toEqual([]);
    const opens = (id: string) =>
      Object.fromEntries(report.results.filter((each) => each.id === id).map(({ identity, open }) => [identity, open]));
    const closed = { "65534:65534": false };
    expect(opens("set-clock")).toEqual({ ...closed, "0:0 by !": false, "0:0 by +": true });
    expect(opens("read-shadow")).toEqual({ ...closed, "0:0 by !": true, "0:0 by +": true });
    expect(opens("connect-to-neighbour")).toEqual({ ...closed, "0:0 by !": false, "0:0 by +": false });
  });

  test("the probe stands where the program stood: ExecPaths= names it alone, and it runs", async () => {
    const lines = ["User=nobody", "NoExecPaths=/", "ExecPaths=/opt/alone/server", "SystemCallFilter=@system-service"];
    const { report } = await attack("alone", lines, NOBODY);
    expect(idsOf(report, ({ outcome }) => outcome !== "holds")).toEqual([]);
    expect(report.results.find(({ id }) => id === "run-from-tmp")?.reason).toContain("NoExecPaths=");
  });

  test("a filter that kills tells the step at which it killed", async () => {
    const lines = ["SystemCallFilter=~@mount @clock", "SystemCallArchitectures=native"];
    const { report } = await attack("killed", lines, ROOT);
    expect(idsOf(report, ({ outcome }) => outcome !== "holds")).toEqual([]);
    expect(report.results.find(({ id }) => id === "set-clock")?.evidence).toContain("killed by SIGSYS");
    expect(report.results.find(({ id }) => id === "call-through-i386")?.evidence).toContain("killed by SIGSYS");
  });

  test.each([
    ["refused", "EPERM"],
    ["killed", "kill"],
  ])("where children are %s, each attack is a command of its own", async (name, how) => {
    const lines = ["SystemCallFilter=~clone @mount", `SystemCallErrorNumber=${how}`];
    const { report } = await attack(`childless-${name}`, lines, ROOT);
    expect(idsOf(report, ({ outcome }) => outcome !== "holds")).toEqual([]);
    expect(report.results.find(({ id }) => id === "set-clock")).toMatchObject({ outcome: "holds", open: true });
    expect(report.results.find(({ id }) => id === "mount")).toMatchObject({ outcome: "holds", open: false });
  });

  test("a wall that is claimed and not there is violated, with the evidence", async () => {
    const program = "/opt/bare/server";
    const claimed = sandboxFrom(["ProtectClock=yes"]);
    const { results } = await attackUnit(box, "bare.service", { own: ROOT, identities: [], sandboxFor: () => claimed });
    const clock = results.find(({ id }) => id === "set-clock");
    expect(clock).toMatchObject({ predicted: "denied", outcome: "violated", open: false });
    expect(clock?.evidence).toMatch(/^settimeofday\(.*\) = EINVAL$/);
    expect((await box.run(["cmp", program, "/usr/bin/sleep"])).status).toBe(0);
  });

  test("a unit that asks for more than a program is only asked for its walls", async () => {
    const lines = [
      "Type=notify",
      "ExitType=cgroup",
      "ExecStartPre=/usr/bin/false",
      "ExecStopPost=/usr/bin/touch /srv/stopped",
    ];
    const more = ["[Unit]", "RefuseManualStart=yes", "SuccessAction=exit-force", "FailureAction=exit-force"];
    const { report } = await attack("fussy", [...lines, ...more], ROOT);
    expect(idsOf(report, ({ outcome, open }) => outcome !== "holds" || !open)).toEqual([]);
    expect((await box.run(["test", "-e", "/srv/stopped"])).status).toBe(1);
  });

  test("everything is put back: the program, the drop-ins, and the unit starts again", async () => {
    const { program } = await attack("again", [], ROOT);
    expect((await box.run(["cmp", program, "/usr/bin/sleep"])).status).toBe(0);
    expect((await box.systemctl("start", "again.service")).status).toBe(0);
    const shown = await box.showProperties("again.service", ["ActiveState", "Type", "DropInPaths"]);
    expect(shown.get("ActiveState")).toBe("active");
    expect(shown.get("Type")).toBe("simple");
    expect(shown.get("DropInPaths")).not.toContain("attack");
  });
});
