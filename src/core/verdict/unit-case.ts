/** A unit that somebody else wrote, as a case of the table: what it says of walls, without its programs. */
import { valueOrThrow } from "../diagnostic/input-error.ts";
import { sectionOf } from "../directives/assignments.ts";
import { catalogue } from "../directives/catalogue.ts";
import { isNeutral } from "../directives/neutral.ts";
import { PREFIXES } from "../directives/prefixes.ts";
import { commandsOf } from "../unit/check.ts";
import { parseServiceName } from "../unit/name.ts";
import { parse } from "../unit/parse.ts";
import { expandSpecifiers } from "../unit/specifier.ts";
import { currentName, specifiersOf, type Unit } from "../unit/unit.ts";
import type { Case } from "./cases.ts";

const OF_CATALOGUE: ReadonlySet<string> = new Set(catalogue.map(({ name }) => name));

/** Settings that give a service a name, a place or a share, but shut nothing off by themselves. */
const NO_WALL: ReadonlySet<string> = new Set(
  `User Group SupplementaryGroups UMask RuntimeDirectory StateDirectory CacheDirectory LogsDirectory ConfigurationDirectory
  NotifyAccess LimitNOFILE LimitMEMLOCK LimitCORE LimitRTPRIO TasksMax MemoryMax Delegate DelegateSubgroup JoinsNamespaceOf
  CPUSchedulingPolicy CPUSchedulingResetOnFork KeyringMode ImportCredential LoadCredential LoadCredentialEncrypted
  SetCredential LogNamespace AmbientCapabilities CoredumpFilter`.split(/\s+/),
);

/** A unit as a package ships it. */
export interface ShippedUnit {
  readonly package: string;
  /** Of the file, with its suffix. */
  readonly name: string;
  readonly text: string;
}

/** What bears on isolation of the settings of a file, resets included. */
function bearing(unit: Unit): readonly { readonly directive: string; readonly value: string }[] {
  const context = specifiersOf(unit);
  return unit.files.flatMap(({ entries }) =>
    entries.flatMap((entry) => {
      if (entry.kind !== "assignment") {
        return [];
      }
      const directive = currentName(entry.key);
      const bears = OF_CATALOGUE.has(directive)
        ? entry.section === sectionOf(directive)
        : entry.section === "Service" && !isNeutral(directive) && entry.value !== "";
      return bears ? [{ directive, value: expandSpecifiers(entry.value, context).text }] : [];
    }),
  );
}

/** The kinds of prefixes that the unit's commands have; absent: none that bears on walls. */
function prefixesOf(unit: Unit): readonly Case["prefix"][] {
  const privileges = new Set(commandsOf(unit).commands.map(({ privilege }) => privilege));
  const known = Object.entries(PREFIXES) as [NonNullable<Case["prefix"]>, (typeof PREFIXES)[keyof typeof PREFIXES]][];
  return [
    ...(privileges.has("sandboxed") || privileges.size === 0 ? [undefined] : []),
    ...known.filter(([, privilege]) => privileges.has(privilege)).map(([prefix]) => prefix),
  ];
}

/**
 * A shipped unit as cases, one for each kind of prefix that its Exec lines have: its settings that bear on isolation, in the order of
 * reading, under their current names and with specifiers expanded for the unit's own name (a template's for the instance `test`), and
 * those that nobody here knows. None: none of them shuts anything off. Throws an InputError for what is no unit file.
 */
export function casesOfUnit({ package: of, name: file, text }: ShippedUnit): readonly Case[] {
  const name = valueOrThrow(parseServiceName(file.replace("@.service", "@test.service")));
  const unit = { name, files: [valueOrThrow(parse(text, file))] };
  const lines = bearing(unit);
  const last = lines.at(-1);
  if (last === undefined || !lines.some(({ directive }) => OF_CATALOGUE.has(directive) && !NO_WALL.has(directive))) {
    return [];
  }
  const beside = lines.slice(0, -1).map(({ directive, value }) => `${directive}=${value}`);
  return prefixesOf(unit).map((prefix) => ({
    unit: `${of}/${file}`,
    beside,
    ...last,
    ...(prefix === undefined ? {} : { prefix }),
  }));
}
