/** Checks a result: whatever the catalogue could build is built, or somebody says why not. */

import { ladderOf } from "../directives/directive.ts";
import type { Values } from "../directives/sandbox.ts";
import type { Prepared } from "./input.ts";
import { includes, writtenAs } from "./standing.ts";
import type { NotBuilt } from "./witness.ts";

/** The directives of which some setting is neither written nor implied, and without a witness; none if all is well. */
export function unaccounted(prepared: Prepared, values: Values, notBuilt: readonly NotBuilt[]): readonly string[] {
  const { directives, situation } = prepared;
  const said = new Set(notBuilt.map(({ directive, value }) => `${directive}=${value}`));
  return directives
    .filter((directive) => {
      const { name, door } = directive;
      if (typeof directive.ladder !== "function") {
        return !said.has(`${name}=`) && situation.unit.setting(name) === undefined;
      }
      // A door that is not open could only be opened.
      if (door !== undefined && !values.has(name)) {
        return false;
      }
      const ladder = ladderOf(directive, situation).map((candidate, index) => ({ directive, candidate, index }));
      const built = ladder.findIndex((chosen) => includes(prepared, values, chosen));
      return ladder
        .slice(0, built < 0 ? ladder.length : built)
        .some((chosen) => !said.has(`${name}=${writtenAs(prepared, chosen)}`));
    })
    .map(({ name }) => name);
}
