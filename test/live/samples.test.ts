/**
 * Real services, hardened for real, each with its packager's own unit: they still work, on a workload that was never observed
 * too, and the figures that Cloison promises hold. Two at a time, since much of a rehearsal is waiting. Tests src/engines and
 * src/engines/life.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { catalogue } from "../../src/core/directives/catalogue.ts";
import type { ProbeResult } from "../../src/core/verdict/result.ts";
import { type Hardened, type HardenRequest, hardenService } from "../../src/engines/harden.ts";
import { exercise, type Life } from "../../src/engines/life/exercise.ts";
import { inBox } from "../../src/engines/life/trial.ts";
import { checkout, layersOf, type Sample, samples } from "./fixtures/samples.ts";
import { twoAtATime } from "./fixtures/two-at-a-time.ts";

/** What was found of one sample. */
interface Outcome {
  readonly hardened: Hardened;
  /** The life with the workload that was not observed, in a fresh box behind the drop-in. */
  readonly second: Life;
  /** What systemd says of the unit with the drop-in. */
  readonly verified: string;
  /** The same with a wrong line beside it: what silence means. */
  readonly verifiedWrong: string;
}

function requestFor(sample: Sample, command: readonly string[]): HardenRequest {
  const layers = layersOf(sample.layer);
  return {
    target: { kind: "installed", name: sample.unit },
    workload: { command: command.join(" "), directory: checkout, timeoutMs: 280_000, environment: {} },
    companions: sample.start.filter((unit) => !unit.endsWith(".socket")),
    box: { layers, addresses: sample.addresses, bindReadOnly: [{ source: checkout, target: checkout }] },
    level: "balanced",
    clients: undefined,
    asked: { command: [], version: "" },
    say: () => {},
  };
}

async function tryOut(sample: Sample): Promise<Outcome> {
  const hardened = await hardenService(requestFor(sample, sample.workload));
  const request = requestFor(sample, sample.second);
  return inBox(request, hardened.dropIn, async (box, service) => {
    const second = await exercise(box, service, request.workload, { again: false });
    const verify = async (): Promise<string> => {
      const { stdout, stderr } = await box.run(["systemd-analyze", "verify", "--man=no", sample.unit]);
      return stdout + stderr;
    };
    const verified = await verify();
    await box.writeFile(`/etc/systemd/system/${sample.unit}.d/zzz-cloison-wrong.conf`, "[Service]\nNoSuchWall=yes\n");
    return { hardened, second, verified, verifiedWrong: await verify() };
  });
}

let outcomes: ReadonlyMap<string, Promise<Outcome>>;

/** As many of the samples as SAMPLES says, or two, another one each day; nginx is always among them, since its unit is the commonest form. */
function drawn(): readonly (readonly [string, Sample])[] {
  const all = samples();
  const count = Number(process.env.SAMPLES ?? 2);
  const day = Number(process.env.SEED ?? Math.floor(Date.now() / 86_400_000));
  const others = all.filter(([name]) => name !== "nginx");
  const turned = others.map((_, index) => others[(index + day) % others.length]!);
  return [...all.filter(([name]) => name === "nginx"), ...turned].slice(0, count);
}

const chosen = drawn();

/** How much is to be done with a sample, by how much it was seen to do. */
function effort(name: string): number {
  return statSync(join(checkout, "test/samples", name, "observation.json")).size;
}

beforeAll(() => {
  const byName = new Map(chosen);
  // The longest ones first, so that the last one is not waited for alone.
  const names = [...byName.keys()].toSorted((a, b) => effort(b) - effort(a));
  outcomes = twoAtATime(names, (name) => tryOut(byName.get(name)!));
});

/** The wall that an open attack passes, and the observed action that needs its door, from the reason in the report. */
function doorOf({ reason }: ProbeResult): { readonly wall: string | undefined; readonly needs: string } {
  const [, name, needs = ""] = /^(\w+)=.* would stop it, but(?: is not written)?: (.*)$/.exec(reason) ?? [];
  return { wall: catalogue.find((directive) => directive.name === name)?.group, needs };
}

function lifeOf(life: Life): readonly string[] {
  return life
    .filter(({ outcome }) => outcome !== "absent")
    .map(({ phase, outcome, detail }) => `${phase} ${outcome}: ${detail}`);
}

describe.each(chosen)("sample %s", (name, sample) => {
  const outcome = (): Promise<Outcome> => outcomes.get(name)!;

  test("is hardened and still works, on a workload that was not observed too", { timeout: 400_000 }, async () => {
    const { hardened, second } = await outcome();
    expect(hardened.report.workload).toEqual({ before: "pass", after: "pass" });
    expect(lifeOf(second).filter((line) => !line.includes(" passed: "))).toEqual([]);
    expect(second.map(({ phase }) => phase)).toEqual(["start", "workload", "reload", "restart", "stop"]);
  });

  test("is accepted by systemd without a word", async () => {
    const { hardened, verified, verifiedWrong } = await outcome();
    expect(verifiedWrong).toContain("zzz-cloison-wrong.conf");
    expect(hardened.report.directives.length).toBeGreaterThan(0);
    expect(verified.split("\n").filter((line) => line.includes("cloison"))).toEqual([]);
  });

  test("is exposed as little as promised, and never more than before", async () => {
    const { exposure, syscalls, capabilities } = (await outcome()).hardened.report;
    const promised = sample.users.includes("root") ? 2.4 : 1.5;
    expect(exposure.after, sample.exposure?.because).toBeLessThanOrEqual(sample.exposure?.atMost ?? promised);
    // An exception that is not needed any more must go.
    if (sample.exposure !== undefined) {
      expect(exposure.after).toBeGreaterThan(promised);
    }
    expect(exposure.after).toBeLessThanOrEqual(exposure.before);
    expect(syscalls.after).toBeLessThanOrEqual(180);
    expect(capabilities.before).toEqual(expect.arrayContaining([...capabilities.after]));
  });

  test("holds against every attack but those through doors that it needs", async () => {
    const { probes } = (await outcome()).hardened.report;
    expect(probes.length).toBeGreaterThan(30);
    const failed = probes.filter(({ outcome: ending }) => ending !== "holds");
    expect(
      failed.map(({ id, identity, outcome: ending, reason }) => `${id} as ${identity}: ${ending}, ${reason}`),
    ).toEqual([]);
    const doors = probes.filter(({ open }) => open).map((probe) => ({ id: probe.id, ...doorOf(probe) }));
    expect(doors.filter(({ wall, needs }) => wall === undefined || needs === "")).toEqual([]);
    // One more for root, which reads what it owns wherever it has business itself.
    const most = sample.users.includes("root") ? 5 : 4;
    expect(new Set(doors.map(({ wall }) => wall)).size).toBeLessThanOrEqual(most);
  });
});
