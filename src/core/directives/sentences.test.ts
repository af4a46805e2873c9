/** What the directives' files say to people: help, docs/directives.md. */
import { expect, test } from "vitest";
import { catalogue } from "./catalogue.ts";

test("every directive says in plain sentences what it does and what it breaks", () => {
  for (const { name, summary, breaks, ineffective, samples } of catalogue) {
    for (const sentence of [summary, breaks, ...ineffective]) {
      expect(sentence, name).toMatch(/^\S.*\.$/);
    }
    expect(samples, name).not.toEqual([]);
  }
});
