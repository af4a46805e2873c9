/**
 * The units with which systemd tests how it executes programs (Debian's systemd-tests): each whose commands try their own
 * confinement is run by the systemd of a box, and the model must have said how it ends. What none of its commands tries, or what is
 * no question to the model, stands outside, with its reason. Tests src/core/directives and src/core/sandbox.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { valueOrThrow } from "../../src/core/diagnostic/input-error.ts";
import { assignmentsOf } from "../../src/core/directives/assignments.ts";
import { type Host, sandboxOf } from "../../src/core/directives/sandbox.ts";
import { isSyscallName } from "../../src/core/kernel/syscalls/syscall.ts";
import { commandsOf, type KeyedCommand } from "../../src/core/unit/check.ts";
import { parseServiceName } from "../../src/core/unit/name.ts";
import { parse } from "../../src/core/unit/parse.ts";
import { directoriesOf } from "../../src/core/unit/places.ts";
import { expandSpecifiers } from "../../src/core/unit/specifier.ts";
import { specifiersOf, type Unit } from "../../src/core/unit/unit.ts";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { HARDWARE_GUARD_FILE } from "../../src/engines/box/hardware.ts";
import { reload } from "../../src/engines/life/service.ts";
import { type Accounts, accountOf, readAccounts } from "../../src/linux/accounts.ts";
import { resolveIn } from "../../src/linux/beneath.ts";
import { deviceLookup } from "../../src/linux/devices.ts";
import { linksOf } from "../../src/linux/links.ts";
import { fileFacts } from "../../src/linux/other-root.ts";
import { systemdVersion } from "../../src/linux/systemd-version.ts";
import { prepare } from "../../tools/setup/prepare.mjs";
import { type Claim, claimOf, type Ending, scriptOf } from "./fixtures/exec-claims.ts";
import { filtered, Unclear, type World } from "./fixtures/exec-world.ts";

const GOLDEN = `${import.meta.dirname}/exec-tests.golden.txt`;
const { execTests } = prepare({ want: ["exec-tests"], say: () => {} });

/** What test-execute.c makes before it runs a unit, and what a machine has and a box lacks. */
const SETUP = `touch /tmp/test-exec_privatetmp; [ -e /dev/kmsg ] || mknod -m 644 /dev/kmsg c 1 11`;

/** Programs of which the calls decide: they are run once without any wall, under strace. */
const PROGRAM = /^(?:\/bin\/)?echo ["'].*["']$|^true$/;

/** Units that cannot be run here as they are, by name or text. */
const NOT_RUN: readonly (readonly [RegExp, string])[] = [
  [/^(?:User|Group)=nfsnobody$|^Group=nobody$/m, "names an account that this machine does not have"],
  [/^User=adm$/m, "names a dynamic user after a group that is no user here"],
  [/^RootDirectory=\/tmp\/test-exec/m, "runs a program that its test first builds into a root"],
  [/^\S+@\.service\n/, "tests specifiers"],
];

/** Why a unit is outside: the first that its commands or settings match. */
const OUTSIDE: readonly (readonly [RegExp, string])[] = [
  [/^(?:Ambient|Exec).*CapAmb.*\n(?:.*\n)*DynamicUser=yes/m, "what a dynamic user's namespace adds to the ambient set"],
  [/uname -m/, "tests what uname(2) says, not what may be done"],
  [/ionice|Cpus_allowed|oom_score_adj/, "tests its share of the machine"],
  [/kill -PIPE/, "tests a signal's disposition"],
  [/^ExecCondition=/m, "tests the exit codes of conditions"],
  [/\/run\/netns|ip link/, "tests names of network devices that its test first makes"],
  [/CREDENTIALS_DIRECTORY|credential/, "tests the contents of credentials"],
  [/\$\$?\{?(?:VAR\d|PATH|FOO|USER|PWD|HOME|XDG_RUNTIME_DIR|[A-Z]+_DIRECTORY)\b/, "tests the environment"],
  [/%[a-zA-Z]\b.* = |= (?:\/run|\/var|\/etc)$|== \?U/m, "tests specifiers"],
  [/^Standard(?:Input|Output)=/m, "tests streams"],
  [/mountinfo/, "tests options of mounts that refuse nothing"],
  [/RuntimeDirectory|runtimedirectory/, "tests the owner and mode of a directory that is made for it"],
  [/ls_temp|\/dev\/stderr|touch \/tmp\/a ;/, "tests how programs and streams are found"],
];

/** What is said of a unit: by the model alone first, then beside what its systemd showed. */
type Line =
  | { readonly name: string; readonly outside: string }
  | { readonly name: string; readonly predicted: string; readonly systemd: string };

let box: Box;
let lines: Line[] = [];

function endingText(ending: Ending): string {
  return "signal" in ending ? `signal ${ending.signal}` : `exit ${ending.exit}`;
}

const SIGNALS: Readonly<Record<string, string>> = { "31": "SIGSYS", "13": "SIGPIPE", "9": "SIGKILL" };

/** How units ended in the box, one after the other, since they use the same files. */
async function ran(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  await box.run(["sh", "-c", 'for unit; do systemctl start "$unit"; done', "sh", ...names]);
  const { stdout } = await box.systemctl("show", "--property=Id,Result,ExecMainStatus", ...names);
  return new Map(
    stdout.split("\n\n").map((block) => {
      const shown = new Map(block.split("\n").map((line) => line.split("=") as [string, string]));
      return [shown.get("Id") ?? "", endingOf(shown.get("Result"), shown.get("ExecMainStatus") ?? "")];
    }),
  );
}

function endingOf(result: string | undefined, status: string): string {
  switch (result) {
    case "success":
      return "exit 0";
    case "exit-code":
      return `exit ${status}`;
    default:
      return `signal ${SIGNALS[status] ?? status}`;
  }
}

const calls = new Map<string, readonly string[]>();

/** The calls of a program without walls, by name, from execve on. */
async function callsOf(argv: readonly string[]): Promise<readonly string[]> {
  const key = argv.join(" ");
  const known = calls.get(key);
  if (known !== undefined) {
    return known;
  }
  await box.run(["strace", "-f", "-qq", "-o", "/tmp/exec-tests.trace", ...argv]);
  const trace = (await box.readFile("/tmp/exec-tests.trace")).toString("utf8");
  const names = [...new Set([...trace.matchAll(/^\d+\s+(\w+)\(/gm)].map(([, name = ""]) => name))];
  calls.set(key, names);
  return names;
}

/** A program ends by a signal if a filter kills one of its calls. */
async function claimOfProgram(argv: readonly string[]): Promise<Claim> {
  const names = await callsOf(argv.map((word) => word.replaceAll("$$", "$")));
  return (world) => {
    const answers = names.filter(isSyscallName).map((name) => filtered(world, name));
    const killed = answers.flatMap((answer) => (answer !== "allowed" && "signal" in answer ? [answer] : []));
    return killed[0] ?? { exit: 0 };
  };
}

/** A unit, and what the model is told of the machine. */
interface Tested {
  readonly unit: Unit;
  readonly host: Host;
  readonly accounts: Accounts;
}

function worldOf({ unit, host, accounts }: Tested, { privilege }: KeyedCommand, made: Set<string>): World {
  const { sandbox } = sandboxOf(assignmentsOf(unit), { ...host, privilege });
  return {
    walls: sandbox.walls,
    made,
    resolve: (path) => resolveIn(box.root, path),
    file: (path) => fileFacts(box.root, path),
    account: (word) => accountOf(accounts, word),
  };
}

interface Step {
  readonly command: KeyedCommand;
  readonly claim: Claim;
}

/** The questions that a unit's commands are; a reason why they are none. */
async function stepsOf(unit: Unit, text: string): Promise<readonly Step[] | string> {
  const context = specifiersOf(unit);
  const steps: Step[] = [];
  for (const command of commandsOf(unit).commands) {
    const argv = command.argv.map((word) => expandSpecifiers(word, context).text);
    const script = scriptOf(argv);
    const claim = PROGRAM.test(script) ? await claimOfProgram(argv) : claimOf(argv);
    if (claim === undefined) {
      return OUTSIDE.find(([form]) => form.test(text))?.[1] ?? `no question to the model: ${script}`;
    }
    steps.push({ command, claim });
  }
  return steps;
}

function predicted(tested: Tested, steps: readonly Step[]): string {
  const made = new Set<string>();
  try {
    for (const { command, claim } of steps) {
      const ending = claim(worldOf(tested, command, made));
      if (("signal" in ending || ending.exit !== 0) && !command.ignoreFailure) {
        return endingText(ending);
      }
    }
    return "exit 0";
  } catch (error) {
    if (error instanceof Unclear) {
      return `cannot tell: ${error.message}`;
    }
    throw error;
  }
}

beforeAll(async () => {
  // The commands of these units are harmless; some ask for what boxes otherwise lack.
  box = await bootBox({ name: "exec-tests", forAttacks: true });
  await box.run(["sh", "-c", SETUP]);
  for (const { name, text } of execTests) {
    await box.writeFile(`/etc/systemd/system/${name}`, text);
    await box.writeFile(`/run/systemd/system/${name}.d/${HARDWARE_GUARD_FILE}`, "# lifted\n");
  }
  await reload(box);
  const run = (argv: readonly string[]) => box.run(argv);
  const [accounts, { version }] = await Promise.all([readAccounts(run), systemdVersion(run)]);
  for (const { name, text } of execTests) {
    const unit: Unit = { name: valueOrThrow(parseServiceName(name)), files: [valueOrThrow(parse(text, name))] };
    const steps = NOT_RUN.find(([form]) => form.test(`${name}\n${text}`))?.[1] ?? (await stepsOf(unit, text));
    if (typeof steps === "string") {
      lines.push({ name, outside: steps });
      continue;
    }
    const host: Host = {
      systemd: version,
      machine: "x86_64",
      user: (word) => accountOf(accounts, word),
      unit: name,
      directories: directoriesOf(unit),
      executables: [],
      device: deviceLookup(box.root),
      canonical: linksOf(text.split("\n"), box.root),
    };
    const said = predicted({ unit, host, accounts }, steps);
    lines.push({ name, predicted: said, systemd: "" });
  }
  const endings = await ran(lines.flatMap((line) => ("outside" in line ? [] : [line.name])));
  lines = lines.map((line) => ("outside" in line ? line : { ...line, systemd: endings.get(line.name) ?? "not run" }));
}, 300_000);

afterAll(() => box?.down());

test("systemd's own tests of confinement end as the model says", async () => {
  const inScope = lines.flatMap((line) => ("outside" in line ? [] : [line]));
  const wrong = inScope.filter(({ predicted: said, systemd }) => said !== systemd);
  const shown = lines.map((line) =>
    "outside" in line
      ? `${line.name}: outside: ${line.outside}`
      : `${line.name}: ${line.systemd}${line.predicted === line.systemd ? "" : `, but predicted: ${line.predicted}`}`,
  );
  expect(lines.length).toBe(execTests.length);
  expect(lines.flatMap((line) => ("outside" in line && line.outside.startsWith("no question") ? [line] : []))).toEqual(
    [],
  );
  expect(inScope.length).toBeGreaterThan(75);
  expect(wrong).toEqual([]);
  // Which unit is asked, and which is not and why, to be read; another package of theirs may have others.
  await expect(`${shown.join("\n")}\n`).toMatchFileSnapshot(GOLDEN);
});
