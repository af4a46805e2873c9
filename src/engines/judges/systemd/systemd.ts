/** The real systemd and the real kernel among the judges: every attack is tried, in a unit with the walls in question. */
import type { Judgement, Question } from "../../../core/verdict/agreement.ts";
import { type Observed, observed, type Run } from "../../../core/verdict/observed.ts";
import type { Box } from "../../box/box.ts";
import type { Judge } from "../judge.ts";
import type { Staged } from "./scene.ts";
import { type AttackTrial, tryAttacks } from "./try.ts";

/** Units that run at the same time: connections that a packet filter drops are waited for, so more than processors. */
const AT_ONCE = 16;

/** The judge of the questions of a scene that was staged in this box; it knows no others. */
export function systemdJudge(box: Box, { questions: staged, trials }: Staged, width: number = AT_ONCE): Judge {
  const places = new Map(staged.map((question, index) => [question, index] as const));
  const trialOf = (question: Question): AttackTrial | undefined => trials[places.get(question) ?? -1];
  return {
    name: "systemd",
    judge: async (questions) => {
      const asked = questions.filter((question) => trialOf(question) !== undefined);
      const runs = await tryAttacks(
        box,
        asked.flatMap((question) => trialOf(question) ?? []),
        width,
      );
      return questions.map((question) => judgementsOf(question, runs[asked.indexOf(question)] ?? []));
    },
  };
}

function judgementsOf({ attacks }: Question, runs: readonly Run[]): readonly Judgement[] {
  return attacks.map(({ steps }, index) => judgementOf(observed(steps, runs[index])));
}

function judgementOf(seen: Observed): Judgement {
  if (seen.kind !== "undecided") {
    return { kind: seen.kind, evidence: seen.evidence };
  }
  return seen.unstarted
    ? { kind: "unstarted", evidence: seen.reason, seen: true }
    : { kind: "undecided", reason: seen.reason };
}
