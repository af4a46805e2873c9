/** Leaves out what costs time and closes nothing: among settings that are equally strict the cheaper ones are taken. */
import { loosened } from "../sandbox/compare.ts";
import type { Prepared } from "./input.ts";
import { unmet } from "./required.ts";
import { type Settled, settledBy } from "./standing.ts";

/** The same without steps that cost something and without which nothing is weaker, the dearest first. */
export function withoutWaste(prepared: Prepared, all: Settled): Settled {
  const costOf = (step: Settled["steps"][number]): number =>
    [...step.chosen.values()].reduce((sum, { directive }) => sum + (directive.cost ?? 0), 0);
  const dear = all.steps.filter((step) => costOf(step) > 0).toSorted((a, b) => costOf(b) - costOf(a));
  return dear.reduce((settled, step) => {
    const others = settledBy(
      prepared,
      settled,
      settled.steps.filter((each) => each !== step),
    );
    const { sandbox } = others.state;
    const wasted =
      loosened(settled.state.sandbox, sandbox).length === 0 && unmet(sandbox, prepared.required).length === 0;
    return wasted ? others : settled;
  }, all);
}
