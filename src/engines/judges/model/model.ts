/** The model among the judges. */
import { judgedByModel, type ModelOptions } from "../../../core/verdict/model.ts";
import type { Judge } from "../judge.ts";

/** The judge that reckons with the walls that each unit builds. */
export function modelJudge(options: ModelOptions): Judge {
  return {
    name: "model",
    judge: async (questions) => questions.map((question) => judgedByModel(question, options)),
  };
}
