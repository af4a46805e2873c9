/** What the walls that the model cannot reckon leave of an answer. */
import { type Answer, unclear } from "./answer.ts";
import { originText } from "./origin.ts";
import type { Concern, Wall } from "./wall.ts";

/**
 * The answer, or none where an unmodelled wall has a say: one that only refuses casts doubt on what was granted, one that
 * may also open on what was refused, too.
 */
export function doubted(walls: readonly Wall[], concern: Concern, answer: Answer): Answer {
  const wall = walls.find(
    (each) =>
      each.kind === "unmodelled" &&
      (each.about === "everything" || each.about.includes(concern)) &&
      (each.opens || answer.kind === "granted"),
  );
  return wall === undefined ? answer : unclear(`${originText(wall.by)} has a say in it, which the model cannot reckon`);
}
