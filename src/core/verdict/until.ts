/** How long walls hold that stand on files: until another file comes into the place of theirs. */
import type { Step } from "../probes/probe.ts";
import { originText } from "../sandbox/origin.ts";
import { type FileWall, fileWalls } from "../sandbox/replaced.ts";
import type { Surroundings } from "../sandbox/surroundings.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { foresee } from "./predict.ts";

/**
 * The files each of which, once replaced, lets an attack through that is stopped before; all of those that walls stand on, if
 * it takes several. Empty: the attack stays stopped, or never was.
 */
export function stoppedUntil(sandbox: Sandbox, steps: readonly Step[], surroundings: Surroundings): readonly string[] {
  const files = [...new Set(fileWalls(sandbox.walls, surroundings).map(({ file }) => file))];
  const after = (some: readonly string[]) =>
    foresee(sandbox, steps, { ...surroundings, replaced: (path) => some.includes(path) });
  if (files.length === 0 || after([]) !== "denied" || after(files) === "denied") {
    return [];
  }
  const alone = files.filter((file) => after([file]) !== "denied");
  return alone.length === 0 ? files : alone;
}

/** What else is said of walls on files: one sentence for each directive. */
export function fileWallsText(walls: readonly FileWall[]): readonly string[] {
  const byName = new Map<string, { readonly door: boolean; readonly settings: Set<string> }>();
  for (const { wall } of walls) {
    const { by, mode } = wall;
    if (by.kind !== "setting") {
      continue;
    }
    const door = ["read-write", "exec", "keep"].includes(mode.kind);
    const known = byName.get(by.directive) ?? { door, settings: new Set() };
    byName.set(by.directive, known);
    known.settings.add(originText(by));
  }
  return [...byName.values()].map(({ door, settings }) => {
    const what = door ? "are open only until" : "hold only until";
    return `${[...settings].join(", ")}: what stands on a file ends with it; these ${what} another file is renamed there, as passwd and upgrades do, and again once the service is started anew`;
  });
}
