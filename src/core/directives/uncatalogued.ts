/** What a unit says that the catalogue lacks. */
import { currentName, type Unit } from "../unit/unit.ts";
import { catalogue } from "./catalogue.ts";
import type { AnyDirective } from "./directive.ts";
import { isNeutral } from "./neutral.ts";

/** A setting that nothing is known of, and where it stands. */
export interface UncataloguedSetting {
  readonly directive: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

/**
 * The settings of [Service] that stand neither in the catalogue nor among those that concern no wall, in the order of
 * reading. They may be newer than this program, or written wrong; either way they make undecided what depends on them.
 */
export function uncataloguedIn(
  unit: Unit,
  directives: readonly AnyDirective[] = catalogue,
): readonly UncataloguedSetting[] {
  const known = new Set(directives.flatMap(({ name, section }) => (section === undefined ? [name] : [])));
  return unit.files.flatMap((file) =>
    file.entries.flatMap((entry) => {
      if (entry.kind !== "assignment" || entry.section !== "Service" || entry.value.trim() === "") {
        return [];
      }
      const directive = currentName(entry.key);
      return known.has(directive) || isNeutral(directive)
        ? []
        : [{ directive, value: entry.value, file: file.path, line: entry.line }];
    }),
  );
}
