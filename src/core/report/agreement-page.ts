/** The table of agreement as a page of the documentation (Markdown). */
import type { Cell, Scene } from "../verdict/agreement.ts";
import { type Case, describeCase } from "../verdict/cases.ts";

function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}

function settingOf({ directive, value }: Case): string {
  return `${directive}=${value}`;
}

function stopped(cells: readonly Cell[]): ReadonlySet<string> {
  return new Set(
    cells
      .filter(
        ({ status, judgements }) =>
          status === "agree" && [...judgements.values()].every(({ kind }) => kind === "stopped"),
      )
      .map(({ probe }) => probe),
  );
}

function listed(ids: Iterable<string>): string {
  const sorted = [...ids].sort();
  return sorted.length === 0 ? "–" : sorted.join(", ");
}

function undecidedRows(cells: readonly Cell[]): readonly string[] {
  const reasons = new Map<string, Map<string, number>>();
  for (const { status, case: each } of cells) {
    if (typeof status !== "object") {
      continue;
    }
    const settings = reasons.get(status.undecided) ?? new Map<string, number>();
    const name = describeCase(each);
    settings.set(name, (settings.get(name) ?? 0) + 1);
    reasons.set(status.undecided, settings);
  }
  return [...reasons].flatMap(([reason, settings]) =>
    [...settings].map(([name, count]) => `| ${code(name)} | ${count} | ${reason} |`),
  );
}

/** Rows: each value, what it stops for root, and what it stops besides for an ordinary user. */
function valueRows(cells: readonly Cell[]): readonly string[] {
  const first = cells.filter((cell) => cell.case.later !== true && cell.case.prefix === undefined);
  const of = (beside: string, setting: string) =>
    first.filter((cell) => cell.case.beside.join(" ") === beside && settingOf(cell.case) === setting);
  const user = stopped(of("", "User=nobody"));
  const settings = [
    ...new Set(cells.filter((cell) => cell.case.beside.length === 0).map((cell) => settingOf(cell.case))),
  ];
  return settings.map((setting) => {
    const asUser = [...stopped(of("User=nobody", setting))].filter((id) => !user.has(id));
    return `| ${code(setting)} | ${listed(stopped(of("", setting)))} | ${listed(asUser)} |`;
  });
}

/** The page. `machine` names the systemd and the kernel that were asked. */
export function agreementPage(
  machine: string,
  { notApplicable }: Pick<Scene, "notApplicable">,
  cells: readonly Cell[],
): string {
  const count = (which: (cell: Cell) => boolean) => cells.filter(which).length;
  const agree = count(({ status }) => status === "agree");
  const undecided = count(({ status }) => typeof status === "object");
  const disagree = count(({ status }) => status === "disagree");
  return `# What the model says, and what systemd does

Every attack was tried behind every value of every directive: as root, as an ordinary user, and beside strict walls of
other kinds; behind the loss, or the gift, of every single capability; and behind mixtures of values. Beside each answer
of the kernel stands what the model predicted. The page is written by \`npm run agreement:page\`; \`npm test\`
asks each value alone and some of the rest, others each day.

Measured on: ${machine}

| cells | agree | disagree | undecided |
|---|---|---|---|
| ${cells.length} | ${agree} | ${disagree} | ${undecided} |

## What each value stops

By measurement and by the model alike. The last column is what the value stops besides \`User=nobody\`.

| value | stops, for root | stops, for \`User=nobody\` |
|---|---|---|
${valueRows(cells).join("\n")}

## Undecided

| unit | cells | why |
|---|---|---|
${undecidedRows(cells).join("\n")}

## Attacks without a target on that machine

| attack | why |
|---|---|
${notApplicable.map(({ id, reason }) => `| ${id} | ${reason} |`).join("\n")}
`;
}
