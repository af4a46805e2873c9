/** What is said of a user of its own, in words: shared by terminal and page. */
import type { DiskChange } from "../own-user/own-user.ts";
import { GOALS } from "../probes/goals.ts";
import type { GoalResult } from "../verdict/goals.ts";
import type { ConfigurationLine, OwnUserReport } from "./own-user.ts";
import { exposureWord } from "./summary.ts";

/** A title with what it comes to, and details beneath. */
export interface OwnUserText {
  readonly sentence: string;
  readonly rows: readonly (readonly [head: string, body: string])[];
}

const TITLES = new Map(GOALS.map(({ goal, title }) => [goal, title]));

/** In words. */
export function ownUserText(own: OwnUserReport): OwnUserText {
  switch (own.kind) {
    case "proposed":
      return { sentence: proposal(own), rows: [] };
    case "works":
      return {
        sentence: `It works as ${own.user}: exposure ${own.exposure.toFixed(1)} ${exposureWord(own.exposure)}, ${goalsLeft(own.goals)}. The drop-in is own-user.conf, in place of hardening.conf: cloison apply DIR --own-user installs it and makes these changes, and --undo takes both back.`,
        rows: [
          ...own.lines
            .filter(({ value }) => value !== "")
            .map(({ name, value, reason }) => [`${name}=${value}`, reason] as const),
          ...own.changes.map(changeRow),
          ...own.lost.map((what) => ["No longer done", what] as const),
        ],
      };
    case "refused":
      return {
        sentence: `It does not work as ${own.user}: ${own.phase} fails (${own.detail}).`,
        rows: [
          ...own.unplaced.map(({ path, why }) => [path, why] as const),
          ...(own.configuration === undefined ? [] : [configurationRow(own.configuration)]),
        ],
      };
    case "none":
      return { sentence: `Nothing was tried: ${own.reason}.`, rows: [] };
  }
}

function proposal({ user, shuts }: Extract<OwnUserReport, { readonly kind: "proposed" }>): string {
  const gain =
    shuts.length === 0
      ? "nothing more would be out of reach by the model, but its main process would not be root"
      : `out of reach would be: ${shuts.map((goal) => TITLES.get(goal) ?? goal).join("; ")}`;
  return `It starts as root. Started as ${user}, ${gain}. cloison harden --own-user rehearses that.`;
}

function goalsLeft(goals: readonly GoalResult[]): string {
  const open = goals.filter(({ state }) => state === "open");
  return open.length === 0 ? "no goal in reach" : `in reach: ${open.map(({ title }) => title).join("; ")}`;
}

/** One change on disk in words. */
function changeRow(change: DiskChange): readonly [string, string] {
  switch (change.kind) {
    case "owner":
      return [
        change.path,
        `gets the owner ${change.user}${change.group === undefined ? "" : ` and the group ${change.group}`}`,
      ];
    case "file":
      return [change.path, `is made, for systemd-${change.for}`];
    case "line":
      return [change.path, `"${change.from.trim()}" becomes "${change.to.map((line) => line.trim()).join('", "')}"`];
  }
}

function configurationRow({ file, line, instead, works }: ConfigurationLine): readonly [string, string] {
  const outcome = works ? "with it the service worked in a box" : "with it the service did not work either";
  return [`${file}:${line}`, `"${instead.trim()}" would put it where the service's user may write; ${outcome}`];
}
