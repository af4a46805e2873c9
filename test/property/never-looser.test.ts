/**
 * The laws that keep a drop-in from loosening a unit, over random units: the lines printed after the unit's own fold to the
 * joined value, and no wall of the joined sandbox is weaker. `loosened` compares sandboxes and knows no directive.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import { catalogue } from "../../src/core/directives/catalogue.ts";
import type { AnyDirective, Directive, DirectiveAssignment } from "../../src/core/directives/directive.ts";
import { readOnlyPaths } from "../../src/core/directives/files/read-only-paths.ts";
import { foldUnit, type Host, sandboxOfValues } from "../../src/core/directives/sandbox.ts";
import { loosened } from "../../src/core/sandbox/compare.ts";
import { directiveOf } from "../../src/core/sandbox/origin.ts";
import { type Line, linesOf } from "./directive-lines.ts";

const users: Readonly<Record<string, { uid: number; gid: number; groups: readonly number[] }>> = {
  nobody: { uid: 65534, gid: 65534, groups: [] },
  nogroup: { uid: 65534, gid: 65534, groups: [] },
  adm: { uid: 4, gid: 4, groups: [] },
};

const host: Host = {
  systemd: 257,
  machine: "x86_64",
  user: (name) => users[name],
  directories: ["/var/lib/app"],
  executables: ["/usr/bin/app"],
};

const unit = fc
  .subarray([...catalogue], { maxLength: 8 })
  .chain((some) => fc.tuple(...some.map(linesOf)))
  .map((lines) => lines.flat());

function fold(lines: readonly Line[]): ReadonlyMap<string, unknown> {
  const assignmentsOf = (name: string): readonly DirectiveAssignment[] =>
    lines
      .filter((line) => line.name === name)
      .map(({ value }, index) => ({ value, file: "app.service", line: index + 1 }));
  return foldUnit(assignmentsOf, host).values;
}

/** As systemd reads a printed line back: `%%` is one percent sign. */
function printed(directive: AnyDirective, value: unknown, below: unknown): readonly Line[] {
  return directive
    .print(value, below, host.machine)
    .map((text) => ({ name: directive.name, value: text.replaceAll("%%", "%") }));
}

function valueIn<V>(values: ReadonlyMap<string, unknown>, directive: Directive<V>): V {
  return values.has(directive.name) ? (values.get(directive.name) as V) : directive.initial;
}

test("what is printed below a unit folds to the joined value", () => {
  fc.assert(
    fc.property(unit, unit, (own, wanted) => {
      const [below, candidate] = [fold(own), fold(wanted)];
      for (const directive of catalogue) {
        if (!candidate.has(directive.name)) {
          continue;
        }
        const before = valueIn(below, directive);
        const joined = directive.meet(valueIn(candidate, directive), before, host.machine);
        const after = fold([...own, ...printed(directive, joined, before)]);
        expect(valueIn(after, directive), directive.name).toEqual(joined);
      }
    }),
    { numRuns: 1500 },
  );
});

test("meet is idempotent and keeps what is stricter already", () => {
  fc.assert(
    fc.property(unit, unit, (own, wanted) => {
      const [a, b] = [fold(own), fold(wanted)];
      for (const directive of catalogue) {
        const [first, second] = [valueIn(a, directive), valueIn(b, directive)];
        expect(directive.meet(first, first, host.machine), directive.name).toEqual(first);
        // Doors with nothing in common meet in an empty list, which as a value means something else: not set.
        if (directive.door !== undefined) {
          continue;
        }
        const joined = directive.meet(first, second, host.machine);
        expect(directive.meet(joined, second, host.machine), directive.name).toEqual(joined);
      }
    }),
    { numRuns: 500 },
  );
});

/** Directives whose values have no order, or that synthesis never proposes since they only ever add access. */
const notJoined: ReadonlySet<string> = new Set([
  "User",
  "Group",
  "SupplementaryGroups",
  "DynamicUser",
  "BindPaths",
  "BindReadOnlyPaths",
  "TemporaryFileSystem",
  "BindLogSockets",
  "CacheDirectory",
  "ConfigurationDirectory",
  "DelegateNamespaces",
  "ExtensionDirectories",
  "ExtensionImages",
  "IPCNamespacePath",
  "ImportCredential",
  "JoinsNamespaceOf",
  "LoadCredential",
  "LoadCredentialEncrypted",
  "LogNamespace",
  "LogsDirectory",
  "MountAPIVFS",
  "MountImages",
  "NetworkNamespacePath",
  "RootDirectory",
  "RootImage",
  "RootMStack",
  "RuntimeDirectory",
  "SecureBits",
  "SetCredential",
  "StateDirectory",
  "UserNamespacePath",
]);

/** Whether a value mounts anything, given a mount namespace: some directives mount only where there is one. */
function mounts(value: unknown, { name }: AnyDirective): boolean {
  const values = new Map<string, unknown>([
    ["PrivateMounts", "yes"],
    [name, value],
  ]);
  return sandboxOfValues(values, { ...host, directories: [] }).sandbox.walls.some(
    (wall) => wall.kind === "mount" && directiveOf(wall.by) === name,
  );
}

/** Whose empty file systems give way to most other modes on the same path. */
const OVERRIDDEN = ["TemporaryFileSystem", "RootDirectory", "RootImage", "RootMStack"];

/**
 * systemd exempts a path with an entry of its own from the passes that make a tree above it read-only or noexec, so a wall
 * of one kind loosens one of the other; and on the same path most other modes override that of TemporaryFileSystem=. Code
 * that joins these must compare the sandboxes and drop one of the settings.
 */
function excludes(directive: AnyDirective, value: unknown, below: ReadonlyMap<string, unknown>): boolean {
  if (!mounts(value, directive)) {
    return false;
  }
  if ([...OVERRIDDEN, "NoExecPaths", "ExecPaths"].some((name) => below.has(name))) {
    return true;
  }
  const opens = directive.name === "NoExecPaths" || directive.door !== undefined;
  return opens && catalogue.some((each) => mounts(valueIn(below, each), each));
}

/** Whether synthesis proposes a directive: a door only if the unit builds none of the walls that it opens. */
function isProposed(directive: AnyDirective, below: ReadonlyMap<string, unknown>): boolean {
  if (typeof directive.ladder !== "function" || notJoined.has(directive.name)) {
    return false;
  }
  const closed = (name: string) => {
    const wall = catalogue.find((each) => each.name === name);
    return wall !== undefined && JSON.stringify(valueIn(below, wall)) !== JSON.stringify(wall.initial);
  };
  return (
    directive.door === undefined || (!closed(directive.name) && !directive.door.some(closed) && !closed("DynamicUser"))
  );
}

test("joined with a unit's own settings no wall is weaker", () => {
  fc.assert(
    fc.property(unit, unit, (own, wanted) => {
      const [below, candidate] = [fold(own), fold(wanted)];
      const joined = new Map(below);
      // Synthesis always names /run explicitly, since with many directives a read-only tree does not cover it.
      const run = readOnlyPaths.meet(
        [{ path: "/run", optional: true, rooted: false }],
        valueIn(below, readOnlyPaths),
        host.machine,
      );
      if (!excludes(readOnlyPaths, run, below)) {
        joined.set("ReadOnlyPaths", run);
      }
      for (const directive of catalogue) {
        const value = valueIn(candidate, directive);
        if (!candidate.has(directive.name) || !isProposed(directive, below) || excludes(directive, value, below)) {
          continue;
        }
        joined.set(directive.name, directive.meet(value, valueIn(joined, directive), host.machine));
      }
      const weaker = loosened(sandboxOfValues(below, host).sandbox, sandboxOfValues(joined, host).sandbox);
      // JoinsNamespaceOf= of the unit itself says something only beside namespaces: a search that sees this gives those up.
      expect(
        weaker.filter((sentence) => !/^JoinsNamespaceOf=.* is new, which the model cannot reckon$/.test(sentence)),
      ).toEqual([]);
    }),
    { numRuns: 600 },
  );
});
