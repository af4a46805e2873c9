/** docs/schema holds what the verbs name, no more and no less. What they print: test/live/json.test.ts. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { verbs } from "./verbs.ts";

const folder = join(import.meta.dirname, "../../docs/schema");

test("every schema that a verb names has a file with its title, and every file is named by a verb", () => {
  const named = new Set(
    verbs.flatMap((each) => ("verbs" in each ? each.verbs : [each])).flatMap(({ schemas }) => schemas),
  );
  const titles = readdirSync(folder).map((file): string => {
    const { title } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    expect(file).toBe(`${title.replace(/^cloison\./, "").replace(/\/\d+$/, "")}.schema.json`);
    return title;
  });
  expect(titles.sort()).toEqual([...named].sort());
});
