/**
 * Brings into a box what units name and their packages would have brought: their users and groups, and the places that they
 * cannot start without. Nothing else of the package is needed, since the attacks stand in for its programs.
 */
import { type Case, linesOf } from "../../../core/verdict/cases.ts";
import { accountOf, readAccounts } from "../../../linux/accounts.ts";
import { describeFailure } from "../../../linux/spawn.ts";
import { SystemError } from "../../../linux/system-error.ts";
import type { Box } from "../../box/box.ts";

/** Above every account of Debian's packages, below those of people. */
const FIRST_ID = 900;

const PLACES = /^(?:Read(?:Only|Write)Paths|InaccessiblePaths|ExecPaths|NoExecPaths|Bind(?:ReadOnly)?Paths)=/;

function valuesOf(cases: readonly Case[], names: RegExp): readonly string[] {
  const values = cases.flatMap(linesOf).filter((line) => names.test(line));
  return values.flatMap((line) => line.replace(/^\w+=/, "").split(/\s+/)).filter((word) => word !== "");
}

/** Paths that must exist, or the unit does not start: those without a `-` before them. */
function placesOf(cases: readonly Case[]): readonly string[] {
  const sources = valuesOf(cases, PLACES).map(
    (word) => word.replace(/^"|"$/g, "").replace(/^\+/, "").split(":")[0] ?? "",
  );
  return [...new Set(sources.filter((path) => path.startsWith("/")))];
}

/** Makes what these units name and the box lacks. */
export async function furnish(box: Box, cases: readonly Case[]): Promise<void> {
  const accounts = await readAccounts((argv) => box.run(argv));
  const fixed = cases.filter((each) => !linesOf(each).some((line) => /^DynamicUser=(?:yes|true|1|on)$/i.test(line)));
  const wanted = [...new Set(valuesOf(fixed, /^(?:User|Group|SupplementaryGroups)=/))];
  const missing = wanted.filter((name) => /^[a-z_][a-z0-9_-]*$/i.test(name) && accountOf(accounts, name) === undefined);
  const taken = new Set([...accounts.users.map(({ uid }) => uid), ...accounts.groups.map(({ gid }) => gid)]);
  const ids = Array.from({ length: 2 * (missing.length + taken.size) }, (_, at) => FIRST_ID - at);
  const free = ids.filter((id) => !taken.has(id));
  const passwd = missing.map((name, at) => `${name}:x:${free[at]}:${free[at]}::/nonexistent:/usr/sbin/nologin\n`);
  const group = missing.map((name, at) => `${name}:x:${free[at]}:\n`);
  const append = async (path: string, lines: readonly string[]): Promise<void> =>
    box.writeFile(path, `${(await box.readFile(path)).toString("utf8")}${lines.join("")}`);
  if (missing.length > 0) {
    await append("/etc/passwd", passwd);
    await append("/etc/group", group);
  }
  const made = await box.run([
    "sh",
    "-c",
    'for path; do [ -e "$path" ] || mkdir -p "$path"; done',
    "sh",
    ...placesOf(cases),
  ]);
  if (made.status !== 0) {
    throw new SystemError("make the places that units name", { reason: describeFailure(made) });
  }
}
