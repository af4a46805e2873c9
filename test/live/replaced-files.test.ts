/**
 * Walls on files, asked about twice: when the unit has started, and when the files were replaced while it ran. Tests
 * src/core/sandbox/replaced.ts and what src/engines/judges does meanwhile.
 */
import { beforeAll, expect, test } from "vitest";
import type { Cell } from "../../src/core/verdict/agreement.ts";
import { allCases, type Case } from "../../src/core/verdict/cases.ts";
import { describeCell, tableOn } from "../../src/engines/judges/table.ts";

const later = allCases().filter((each) => each.later === true);
const sooner = later.map(({ later: _, ...each }) => each);
let cells: readonly Cell[];

beforeAll(async () => {
  // Side by side, as the whole table has them: what is done to one unit's files is not to be done to its neighbour's.
  const cases = later.flatMap((each, index) => [...sooner.slice(index, index + 1), each]);
  ({ cells } = await tableOn(undefined, cases));
}, 300_000);

/** The attacks whose outcome in the box is another once the files were replaced. */
function changed(index: number): readonly string[] {
  const said = (each: Case | undefined) =>
    new Map(
      cells
        .filter((cell) => cell.case === each)
        .map(({ probe, judgements }) => [probe, judgements.get("systemd")?.kind] as const),
    );
  const [before, after] = [said(sooner[index]), said(later[index])];
  return [...after].flatMap(([probe, kind]) => (before.get(probe) === kind ? [] : [`${probe}: ${kind}`]));
}

test("the model and systemd agree on both times", () => {
  expect(cells.filter(({ status }) => status === "disagree").map(describeCell)).toEqual([]);
  const undecided = cells.filter(({ status }) => typeof status === "object");
  const share = undecided.length / cells.length;
  expect(share, [...new Set(undecided.map(describeCell))].slice(0, 3).join("\n")).toBeLessThan(0.02);
});

test.each([
  ["InaccessiblePaths", "/etc/shadow", ["read-shadow-through-i386: through", "read-shadow: through"]],
  ["InaccessiblePaths", "/root", []],
  ["ReadOnlyPaths", "/etc/passwd", ["add-account: through"]],
  ["ReadWritePaths", "/etc/passwd", ["add-account: stopped"]],
  ["NoExecPaths", "/usr/lib/cloison-neighbour/set-user-id", ["run-set-user-id: through"]],
  ["ExecPaths", "/usr/lib/cloison-neighbour/set-user-id", ["run-set-user-id: stopped"]],
])("once its files are replaced, %s=%s changes %j", (directive, value, expected) => {
  const index = later.findIndex((each) => each.directive === directive && each.value === value);
  expect(changed(index)).toEqual(expected);
});
