/** systemd's sets of system calls (`@system-service` …). Facts: the generated table beside this file. */
import { type GroupChanges, groupChanges } from "./group-changes.ts";
import { GROUP_MEMBERS } from "./groups.generated.ts";

/** The names of all sets, with their `@`, in systemd's order. */
export const GROUP_NAMES: readonly string[] = Object.keys(GROUP_MEMBERS);

/** The release that the generated table is of. */
const OF_TABLE = 257;

/**
 * The members of a set as systemd writes them: call names and, with `@`, other sets. Undefined for an unknown set. `systemd`: the release
 * that reads it.
 */
export function groupMembers(name: string, systemd: number = OF_TABLE): readonly string[] | undefined {
  const members = Object.hasOwn(GROUP_MEMBERS, name) ? GROUP_MEMBERS[name] : undefined;
  const { has = [], lacks = [] } = groupChanges(systemd)?.[name] ?? {};
  return members === undefined ? undefined : [...members.filter((member) => !lacks.includes(member)), ...has];
}

const expanded = new Map<GroupChanges | undefined, Map<string, readonly string[]>>();

/**
 * All calls of a set, nested sets included, sorted and without repetition; empty for an unknown set.
 * Names that an ABI lacks are in it too (`cacheflush` …). `systemd`: the release that reads it.
 *
 * @example
 * import { expandGroup } from "cloison";
 * import assert from "node:assert";
 * assert.deepEqual(expandGroup("@reboot"), ["kexec_file_load", "kexec_load", "reboot"]);
 * assert.ok(expandGroup("@privileged").includes("adjtimex"));
 */
export function expandGroup(name: string, systemd: number = OF_TABLE): readonly string[] {
  const changes = groupChanges(systemd);
  const known = expanded.get(changes) ?? new Map<string, readonly string[]>();
  expanded.set(changes, known);
  const cached = known.get(name);
  if (cached !== undefined) {
    return cached;
  }
  const calls = new Set<string>();
  const seen = new Set<string>();
  const pending = [name];
  for (let group = pending.pop(); group !== undefined; group = pending.pop()) {
    if (seen.has(group)) {
      continue;
    }
    seen.add(group);
    for (const member of groupMembers(group, systemd) ?? []) {
      if (member.startsWith("@")) {
        pending.push(member);
      } else {
        calls.add(member);
      }
    }
  }
  const result = [...calls].sort();
  // Unknown names are not cached: they come from files, so the cache could grow without bound.
  if (groupMembers(name) !== undefined) {
    known.set(name, result);
  }
  return result;
}
