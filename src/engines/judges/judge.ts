/**
 * What a judge is: whoever can say whether an attack gets through behind a unit's walls. The model reckons, systemd shows it
 * in a box; one more is a folder beside theirs and an entry where they are asked.
 */
import { type Cell, type Judgements, type Question, type Scene, tableOf } from "../../core/verdict/agreement.ts";

/** One judge. */
export interface Judge {
  /** As the table names it. */
  readonly name: string;
  /** One judgement per attack of each question, in order; what cannot be decided is said to be undecided, never left out. */
  readonly judge: (questions: readonly Question[]) => Promise<Judgements>;
}

/** Asks all judges the same questions, one judge after the other, since they may share a box. */
export async function askAll(scene: Scene, judges: readonly Judge[]): Promise<readonly Cell[]> {
  const answers = new Map<string, Judgements>();
  for (const { name, judge } of judges) {
    answers.set(name, await judge(scene.questions));
  }
  return tableOf(scene, answers);
}
