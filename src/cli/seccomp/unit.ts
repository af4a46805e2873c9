/** The filters of a unit as its file and drop-ins say, on any machine; without root and without a box. */
import { existsSync } from "node:fs";
import { type Diagnostic, formatDiagnostic } from "../../core/diagnostic/diagnostic.ts";
import { valueOrThrow } from "../../core/diagnostic/input-error.ts";
import { assignmentsOf } from "../../core/directives/assignments.ts";
import { sandboxOf } from "../../core/directives/sandbox.ts";
import { localAbis } from "../../core/kernel/syscalls/machine.ts";
import type { Abi } from "../../core/kernel/syscalls/syscall.ts";
import { filtersOf } from "../../core/sandbox/filters.ts";
import type { Filter } from "../../core/seccomp/filter/filter.ts";
import { parseServiceName } from "../../core/unit/name.ts";
import { parse } from "../../core/unit/parse.ts";
import { directoriesOf, programsOf } from "../../core/unit/places.ts";
import type { Unit } from "../../core/unit/unit.ts";
import { accountOf, readAccounts } from "../../linux/accounts.ts";
import { systemdVersion } from "../../linux/systemd-version.ts";
import { LARGEST_UNIT, readInput } from "../input-file.ts";
import { notLoaded, readUnitFiles } from "../unit-files.ts";

/** The newest systemd whose behaviour was measured: what is assumed on a machine without one. */
const MEASURED = 257;

/** Whether a word names a unit, or a drop-in as `harden` writes them. */
export function namesUnit(word: string): boolean {
  return word.endsWith(".service") || (word.endsWith(".conf") && existsSync(word));
}

/** A drop-in without its unit, as if it were the whole unit. */
async function readDropIn(word: string): Promise<Unit> {
  const name = valueOrThrow(parseServiceName("alone.service"));
  return { name, files: [valueOrThrow(parse(await readInput(word, "a drop-in", LARGEST_UNIT), word))] };
}

async function readUnit(word: string): Promise<Unit> {
  if (word.endsWith(".conf")) {
    return readDropIn(word);
  }
  // A file in the working directory needs no ./ before it here.
  const unit = await readUnitFiles(!word.includes("/") && existsSync(word) ? `./${word}` : word);
  if (unit === undefined) {
    throw notLoaded(word);
  }
  return unit;
}

/** A unit's filters on the machine whose own programs have an ABI. */
export type UnitFilters = (machine: Abi) => { readonly filter: Filter; readonly found: readonly Diagnostic[] };

function dropInAlone(word: string): readonly Diagnostic[] {
  if (!word.endsWith(".conf")) {
    return [];
  }
  const message = `${word}: a drop-in alone; what its unit says beside it is not counted`;
  return [{ code: "unit-drop-in-alone", severity: "note", message }];
}

/** What systemd's code does here when told of another machine, and no such machine has confirmed. */
function unmeasured(word: string, machine: Abi): readonly Diagnostic[] {
  if (localAbis("x86_64").includes(machine)) {
    return [];
  }
  const message = `${word}: what systemd attaches on ${machine} is known from its code, not from such a machine`;
  return [{ code: "unit-unmeasured", severity: "note", message }];
}

/** The filters that a unit gets; `word` is its name or its file. Throws InputError for a broken one. */
export async function unitFilters(word: string): Promise<UnitFilters> {
  const unit = await readUnit(word);
  const accounts = await readAccounts();
  const version = await systemdVersion().catch(() => undefined);
  return (machine) => {
    const { sandbox, diagnostics } = sandboxOf(assignmentsOf(unit), {
      systemd: version?.version ?? MEASURED,
      machine,
      user: (name) => accountOf(accounts, name),
      directories: directoriesOf(unit),
      executables: programsOf(unit),
    });
    return {
      filter: filtersOf(sandbox),
      found: unique([...diagnostics, ...dropInAlone(word), ...unmeasured(word, machine)]),
    };
  };
}

function unique(found: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(found.map((each) => [formatDiagnostic(each), each])).values()];
}
