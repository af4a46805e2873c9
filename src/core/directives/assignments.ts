/** What a unit assigns to a directive, ready to be folded. */
import { expandSpecifiers } from "../unit/specifier.ts";
import { assignments, specifiersOf, type Unit } from "../unit/unit.ts";
import type { DirectiveAssignment } from "./directive.ts";

/** All assignments of a directive in the order of reading, drop-ins included, specifiers expanded. */
export function assignmentsOf(unit: Unit): (name: string) => readonly DirectiveAssignment[] {
  const context = specifiersOf(unit);
  return (name) =>
    assignments(unit, "Service", name).map(({ value, file, line }) => ({
      value: expandSpecifiers(value, context).text,
      file,
      line,
    }));
}
