/**
 * The model against the real systemd, on every pair of a directive's value and a probe, each alone as root, and on a sample of all other
 * cases that is another one each day; on all of them with WHOLE=1, which is what docs/agreement.md shows (UPDATE_AGREEMENT=1 writes
 * it). No disagreement, none chosen by hand.
 * Then the model is spoiled, one directive after the other, and the table must notice. Tests src/core/verdict and
 * src/engines/judges.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { catalogue } from "../../src/core/directives/catalogue.ts";
import { probes } from "../../src/core/probes/catalogue.ts";
import { agreementPage } from "../../src/core/report/agreement-page.ts";
import { type Cell, type Judgements, type Scene, tableOf } from "../../src/core/verdict/agreement.ts";
import { allCases, type Case, describeCase, drawn, linesOf } from "../../src/core/verdict/cases.ts";
import { judgedByModel } from "../../src/core/verdict/model.ts";
import { bootBox } from "../../src/engines/box/box.ts";
import { askAll } from "../../src/engines/judges/judge.ts";
import { modelJudge } from "../../src/engines/judges/model/model.ts";
import { stageScene } from "../../src/engines/judges/systemd/scene.ts";
import { systemdJudge } from "../../src/engines/judges/systemd/systemd.ts";

const PAGE = join(import.meta.dirname, "../../docs/agreement.md");

/**
 * Directives whose values decide over none of the attacks here, or of which only the machine knows what they decide: to be
 * told, not to be hidden.
 */
const WITHOUT_ATTACK = [
  "BPFProgram",
  "CacheDirectory",
  "ConfigurationDirectory",
  "CoredumpFilter",
  "Delegate",
  "DelegateNamespaces",
  "DelegateSubgroup",
  "IPEgressFilterPath",
  "IPIngressFilterPath",
  "ImportCredential",
  "JoinsNamespaceOf",
  "KeyringMode",
  "LimitCORE",
  "LimitNOFILE",
  "LoadCredential",
  "LoadCredentialEncrypted",
  "LogsDirectory",
  "MemoryMax",
  "NFTSet",
  "NotifyAccess",
  "Personality",
  "RemoveIPC",
  "RootDirectoryStartOnly",
  "RootImage",
  "RootMStack",
  "RuntimeDirectory",
  "SetCredential",
  "SocketBindAllow",
  "SocketBindDeny",
  "SystemCallErrorNumber",
  "SystemCallLog",
  "TasksMax",
  "UMask",
  "UserNamespacePath",
];

const WHOLE = process.env.WHOLE === "1" || process.env.UPDATE_AGREEMENT === "1";
const SEED = Number(process.env.AGREEMENT_SEED ?? Math.floor(Date.now() / (24 * 3600 * 1000)));
/** How many of the other cases are asked. */
const SAMPLE = Number(process.env.SAMPLE ?? 60);

/** Directives whose loss only units with other settings, or of another user, show: all their cases are asked. */
const BESIDE_OTHERS: ReadonlySet<string> = new Set([
  "CPUSchedulingPolicy",
  "CPUSchedulingResetOnFork",
  "LimitMEMLOCK",
  "RootEphemeral",
]);

/** The first case of each value is the one that stands alone. */
function asked(): readonly Case[] {
  const all = allCases();
  const first = new Map(all.toReversed().map((each) => [`${each.directive}=${each.value}`, each]));
  const isTelling = (each: Case): boolean =>
    first.get(`${each.directive}=${each.value}`) === each ||
    linesOf(each).some((line) => BESIDE_OTHERS.has(line.replace(/=.*/, "")));
  const rest = all.filter((each) => !isTelling(each));
  return WHOLE ? all : [...all.filter(isTelling), ...drawn(rest, SAMPLE, SEED)];
}

/** Counters, and values that the kernel changes by itself. */
const VOLATILE = new Set([
  "pty",
  "random",
  "ns_last_pid",
  "dentry-state",
  "file-nr",
  "inode-nr",
  "inode-state",
  "aio-nr",
]);

let scene: Scene;
let measured: Judgements;
let cells: readonly Cell[];
let machine: string;
const before = hostState();

beforeAll(async () => {
  const box = await bootBox({ forAttacks: true });
  try {
    const version = (await box.systemctl("--version")).stdout.split("\n")[0]?.match(/\((.+)\)/)?.[1];
    machine = `systemd ${version}, Linux ${release()}`;
    const staged = await stageScene(box, asked());
    scene = staged;
    const systemd = systemdJudge(box, staged);
    measured = await systemd.judge(staged.questions);
    // What the box answered is kept: the model is asked again below, spoiled.
    cells = await askAll(staged, [
      modelJudge({ ineffective: staged.ineffective }),
      { ...systemd, judge: async () => measured },
    ]);
  } finally {
    await box.down();
  }
}, 300_000);

function described({ case: each, probe, judgements }: Cell): string {
  return `${describeCase(each)} | ${probe} | ${JSON.stringify([...judgements])}`;
}

/** What of the host an attack that got through might have changed: every sysctl of value, mounts, modules, swap, clock. */
function hostState() {
  const read = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : "");
  const sysctls = ["kernel", "vm", "fs", "net/core", "net/ipv4"].flatMap((folder) =>
    readdirSync(`/proc/sys/${folder}`, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !VOLATILE.has(entry.name))
      .map((entry) => [`${folder}/${entry.name}`, readOrError(`/proc/sys/${folder}/${entry.name}`)]),
  );
  return {
    sysctls,
    mounts: read("/proc/self/mountinfo"),
    modules: read("/proc/modules").replace(/ \d+ \d+ .*/g, ""),
    swaps: read("/proc/swaps").split("\n").length,
    hostname: read("/proc/sys/kernel/hostname"),
    clockJumped: Math.abs(Date.now() - performance.timeOrigin - performance.now()) > 5000,
  };
}

function readOrError(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return String(error);
  }
}

describe(`the table of all attacks and all values (AGREEMENT_SEED=${SEED})`, () => {
  test("is whole: every sample of every directive, and every attack that has a target here", () => {
    const settings = new Set(cells.map((cell) => `${cell.case.directive}=${cell.case.value}`));
    const samples = catalogue.flatMap((directive) => directive.samples.map((value) => `${directive.name}=${value}`));
    expect(samples.filter((sample) => !settings.has(sample))).toEqual([]);
    const tried = new Set(cells.map(({ probe }) => probe));
    const absent = new Set(scene.notApplicable.map(({ id }) => id));
    expect(probes.map(({ id }) => id).filter((id) => !tried.has(id) && !absent.has(id))).toEqual([]);
  });

  test("holds no disagreement", () => {
    expect(cells.filter(({ status }) => status === "disagree").map(described)).toEqual([]);
  });

  test("decides nearly everything, and says why not the rest", () => {
    const undecided = cells.flatMap(({ status }) => (typeof status === "object" ? [status.undecided] : []));
    expect(undecided.every((reason) => reason !== "")).toBe(true);
    expect(undecided.length / cells.length).toBeLessThan(0.02);
  });

  test("notices when the meaning of a directive is lost", () => {
    const unnoticed = catalogue.filter((spoiled) => {
      const fold = () => ({ value: spoiled.initial, diagnostics: [] });
      const directives = catalogue.map((each) => (each === spoiled ? { ...each, fold, walls: () => [] } : each));
      const options = { ineffective: scene.ineffective, directives };
      const told = [...scene.questions.entries()].filter(([, question]) =>
        linesOf(question.case).some((line) => line.startsWith(`${spoiled.name}=`)),
      );
      // Where it stands alone is where it is noticed first.
      const own = ([, question]: (typeof told)[number]) => question.case.directive === spoiled.name;
      return [...told.filter(own), ...told.filter((each) => !own(each))].every(([index, question]) => {
        const answers = new Map([
          ["model", [judgedByModel(question, options)]],
          ["systemd", [measured[index] ?? []]],
        ]);
        return tableOf({ ...scene, questions: [question] }, answers).every(({ status }) => status !== "disagree");
      });
    });
    const version = scene.questions[0]?.host.systemd ?? 0;
    const idle = catalogue.filter(({ name, since }) => since > version || scene.ineffective.has(name));
    const expected = new Set([...WITHOUT_ATTACK, ...idle.map(({ name }) => name)]);
    expect(unnoticed.map(({ name }) => name).toSorted()).toEqual([...expected].toSorted());
  });

  test("left the host as it was", () => {
    expect(hostState()).toEqual(before);
  });
});

if (WHOLE) {
  test("is what the documentation shows", () => {
    const page = agreementPage(machine, scene, cells);
    if (process.env.UPDATE_AGREEMENT === "1") {
      writeFileSync(PAGE, page);
    }
    const shown = readFileSync(PAGE, "utf8");
    const where = /^Measured on: (.*)$/m.exec(shown)?.[1];
    if (where === machine) {
      const [is, was] = [page.split("\n"), shown.split("\n")];
      expect(is.filter((line) => !was.includes(line))).toEqual([]);
      expect(page).toBe(shown);
    } else {
      expect(where, "the page names the machine that it was measured on").toMatch(/^systemd .+, Linux .+$/);
    }
  });
}
