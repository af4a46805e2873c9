/** What the directives' files say to people: help, docs/directives.md. */
import { expect, test } from "vitest";
import { catalogue } from "./catalogue.ts";

test("every directive says in plain sentences what it does and what it breaks", () => {
  for (const { name, summary, breaks, broke = [], ineffective, samples, ladder } of catalogue) {
    for (const sentence of [
      summary,
      breaks,
      ...broke.map(({ sentence }) => sentence),
      ...ineffective,
      ...(typeof ladder === "function" ? [] : [ladder.never]),
    ]) {
      expect(sentence, name).toMatch(/^\S.*\.$/);
    }
    for (const { reference } of broke) {
      expect(reference, name).toMatch(/^(?:[\w.-]+\/[\w.-]+(?:#\d+|@[0-9a-f]{7,40}| \S+)|bsc#\d+)$/);
    }
    expect(samples, name).not.toEqual([]);
  }
});
