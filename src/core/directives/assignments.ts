/** What a unit assigns to a directive, ready to be folded. */
import { expandSpecifiers } from "../unit/specifier.ts";
import { assignments, specifiersOf, type Unit } from "../unit/unit.ts";
import { catalogue } from "./catalogue.ts";
import type { DirectiveAssignment } from "./directive.ts";

const OF_UNIT: ReadonlySet<string> = new Set(
  catalogue.filter(({ section }) => section === "Unit").map(({ name }) => name),
);

/** The section of a unit in which a directive stands. */
export function sectionOf(name: string): "Service" | "Unit" {
  return OF_UNIT.has(name) ? "Unit" : "Service";
}

/** All assignments of a directive in the order of reading, drop-ins included, specifiers expanded. */
export function assignmentsOf(unit: Unit): (name: string) => readonly DirectiveAssignment[] {
  const context = specifiersOf(unit);
  return (name) =>
    assignments(unit, sectionOf(name), name).map(({ value, file, line }) => ({
      value: expandSpecifiers(value, context).text,
      file,
      line,
    }));
}
