/**
 * Eight daemons that Debian starts as root, each with a user of its own: at least five work so, no more exposed than the best of the
 * experts who hardened them by hand; the others say why not in a line of their log. Those that work do so on a workload that was not
 * observed, too, and after logrotate has rotated their logs. Prints a table. DAEMONS=nginx,apache2 asks some alone.
 * Tests src/engines/own-user.ts, src/engines/life/disk-changes.ts and src/core/own-user.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Hardened, type HardenRequest, hardenService } from "../../src/engines/harden.ts";
import { changeInBox } from "../../src/engines/life/disk-changes.ts";
import { exercise, type Life } from "../../src/engines/life/exercise.ts";
import { inBox } from "../../src/engines/life/trial.ts";
import { checkout, layersOf } from "../live/fixtures/samples.ts";
import { twoAtATime } from "../live/fixtures/two-at-a-time.ts";

interface Daemon {
  readonly unit: string;
  readonly workload: readonly string[];
  readonly second: readonly string[];
}

/** The exposure of the best profile that an expert has published, as systemd-analyze(1) of systemd 257 reckons it; its author: docs/own-user.md. */
const EXPERTS: Readonly<Record<string, number>> = {
  nginx: 1.6,
  apache2: 2.2,
  "php-fpm": 3.9,
  haproxy: 7.1,
  unbound: 1.6,
  bind9: 1.5,
  mosquitto: 1.1,
  dnsmasq: 1.7,
};

/** The logs that Debian's logrotate rotates, and who may read them. */
const LOGS: Readonly<Record<string, readonly [path: string, group: string]>> = {
  nginx: ["/var/log/nginx/access.log", "adm"],
  apache2: ["/var/log/apache2/access.log", "adm"],
  "php-fpm": ["/var/log/php8.4-fpm.log", "root"],
  mosquitto: ["/var/log/mosquitto/mosquitto.log", "mosquitto"],
};

function daemonOf(name: string): Daemon {
  const [folder = ""] = ["test/own-user", "test/samples"].filter((each) => existsSync(join(checkout, each, name)));
  return JSON.parse(readFileSync(join(checkout, folder, name, "sample.json"), "utf8")) as Daemon;
}

const names = Object.keys(EXPERTS).filter((name) => (process.env.DAEMONS ?? name).split(",").includes(name));

function requestFor({ unit }: Daemon, command: readonly string[], said: string[]): HardenRequest {
  return {
    target: { kind: "installed", name: unit },
    workload: { command: command.join(" "), directory: checkout, timeoutMs: 280_000, environment: {} },
    companions: [],
    box: { layers: layersOf("daemons"), bindReadOnly: [{ source: checkout, target: checkout }] },
    level: "balanced",
    clients: undefined,
    ownUser: "",
    asked: { command: [], version: "" },
    say: (step) => said.push(step),
  };
}

interface Outcome {
  readonly hardened: Hardened;
  readonly said: readonly string[];
  /** The life with the workload that was not observed, in a fresh box. */
  readonly second?: Life;
  readonly rotation?: string;
}

let outcomes: ReadonlyMap<string, Promise<Outcome>>;

async function tryOut(name: string): Promise<Outcome> {
  const daemon = daemonOf(name);
  const said: string[] = [];
  const hardened = await hardenService(requestFor(daemon, daemon.workload, said));
  const { ownUser: dropIn, report } = hardened;
  if (dropIn === undefined || report.ownUser?.kind !== "works") {
    return { hardened, said };
  }
  const { changes } = report.ownUser;
  const request = requestFor(daemon, daemon.second, said);
  const beneath = {
    dropIn: "[Service]\n",
    prepare: (box: Parameters<typeof changeInBox>[0]) => changeInBox(box, changes),
  };
  const [second, rotation] = await Promise.all([
    inBox({ ...request, beneath }, dropIn, (box, service) =>
      exercise(box, service, request.workload, { again: false }),
    ),
    inBox({ ...request, beneath }, dropIn, async (box, service) => {
      const [path] = LOGS[name] ?? [];
      if (path === undefined) {
        return undefined;
      }
      // What logrotate does on that machine, with the packages' own files, then a visit, then who may read the new log.
      const visit = daemon.workload.join(" ");
      const script = `systemctl start ${service.name} && ${visit} >&2 && logrotate --force /etc/logrotate.conf >&2 &&
        sleep 1 && ${visit} >&2 && systemctl reload ${service.name} && ${visit} >&2 && systemctl is-active ${service.name} && stat -c '%G' ${path} && ls ${path}.1`;
      const { stdout, stderr } = await box.run(["sh", "-c", script], { cwd: checkout, timeoutMs: 120_000 });
      return `${stdout}${stdout.includes(`${path}.1`) ? "" : stderr}`;
    }),
  ]);
  return { hardened, said, second, ...(rotation === undefined ? {} : { rotation }) };
}

beforeAll(() => {
  outcomes = twoAtATime(names, tryOut);
});

const rows: string[] = [];
afterAll(() => {
  process.stdout.write(
    `\ndaemon     works  before  hardened  own user  expert  goals open: before, hardened, own user\n${rows.join("\n")}\n`,
  );
});

function rowOf(name: string, { report }: Hardened): string {
  const { ownUser, exposure, goals } = report;
  const works = ownUser?.kind === "works" ? ownUser : undefined;
  const open = (state: "state" | "before") => goals.filter((goal) => goal[state] === "open").length;
  const own = works === undefined ? "-" : String(works.goals.filter(({ state }) => state === "open").length);
  const figures = [exposure.before, exposure.after, works?.exposure, EXPERTS[name]].map(
    (each) => each?.toFixed(1) ?? "-",
  );
  const [before = "", hardened = "", ownText = "", expert = ""] = figures;
  return `${name.padEnd(11)}${(works === undefined ? "no" : "yes").padEnd(7)}${before.padEnd(8)}${hardened.padEnd(10)}${ownText.padEnd(10)}${expert.padEnd(8)}${open("before")}, ${open("state")}, ${own}`;
}

describe.each(names)("%s", (name) => {
  test("works as a user of its own, or says in its log why not", async () => {
    const { hardened, said, second, rotation } = await outcomes.get(name)!;
    const { ownUser } = hardened.report;
    rows.push(rowOf(name, hardened));
    if (ownUser?.kind !== "works") {
      expect(ownUser?.kind).toBe("refused");
      // Not the words of Cloison, but those of the daemon.
      expect(said).toContainEqual(expect.stringMatching(/^it says: .*(?:denied|permitted)/i));
      return;
    }
    expect(["holds", "open"]).toContain(ownUser.verdict);
    expect(second?.filter(({ outcome }) => outcome === "failed")).toEqual([]);
    expect(second?.map(({ phase }) => phase)).toEqual(["start", "workload", "reload", "restart", "stop"]);
    const [path, group] = LOGS[name] ?? [];
    expect(rotation).toBe(path === undefined ? undefined : `active\n${group}\n${path}.1\n`);
  });
});

test.runIf(names.length === Object.keys(EXPERTS).length)(
  "at least five are no more exposed than an expert's",
  async () => {
    const all = await Promise.all(
      names.map(async (name) => [name, (await outcomes.get(name)!).hardened.report] as const),
    );
    const good = all.filter(
      ([name, { ownUser }]) => ownUser?.kind === "works" && ownUser.exposure <= (EXPERTS[name] ?? 0),
    );
    expect(good.length).toBeGreaterThanOrEqual(5);
  },
);
