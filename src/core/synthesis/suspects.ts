/**
 * Which settings refuse what a rehearsal saw refused: the first to be suspected when a service does worse behind its walls.
 * Asked of the model, which need not be right: whoever asks tries what is named here.
 */
import type { Observation, Seen } from "../action/action.ts";
import { behind, judge } from "../sandbox/judge.ts";
import { directiveOf } from "../sandbox/origin.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { keysOf, regressions } from "./regression.ts";
import type { Synthesis } from "./synthesize.ts";

/** Names of directives of the drop-in, each once, in its order. */
export interface Suspects {
  /** They refuse what worked before, with the very error that was seen: nothing passes a rehearsal while they stand. */
  readonly proven: readonly string[];
  /** They refuse something that fails now and did not fail so before; a service may well live without it. */
  readonly hinted: readonly string[];
}

/** The suspects of a rehearsal behind a drop-in, beside what was observed without it. */
export function suspectsOf(
  before: Observation,
  after: Observation,
  { settings, after: sandbox }: Pick<Synthesis, "settings" | "after">,
): Suspects {
  const worse = new Set(regressions(before, after).map(({ action }) => action));
  const failedBefore = new Set(before.seen.filter(({ result }) => result !== "ok").flatMap(failures));
  const proven = new Set<string>();
  const hinted = new Set<string>();
  for (const seen of after.seen) {
    if (seen.result === "ok" || (!worse.has(seen.action) && failures(seen).some((key) => failedBefore.has(key)))) {
      continue;
    }
    for (const { directive, errno } of refusers(sandbox, seen)) {
      (worse.has(seen.action) && errno === seen.result ? proven : hinted).add(directive);
    }
  }
  const names = [...new Set(settings.map(({ directive }) => directive))];
  return {
    proven: names.filter((name) => proven.has(name)),
    hinted: names.filter((name) => hinted.has(name) && !proven.has(name)),
  };
}

function failures(seen: Seen): readonly string[] {
  return keysOf(seen).map((key) => `${key} ${seen.result}`);
}

/** The directives that refuse an action to those who did it, and the error that the model expects. */
function refusers(
  sandbox: Sandbox,
  { action, identities }: Seen,
): readonly { readonly directive: string; readonly errno: string | undefined }[] {
  const sandboxes = identities.length === 0 ? [sandbox] : identities.map((identity) => behind(sandbox, identity));
  return sandboxes.flatMap((each) => {
    const verdict = judge(each, action);
    if (verdict.kind !== "denied") {
      return [];
    }
    const errno = "errno" in verdict.as ? verdict.as.errno : undefined;
    return verdict.by.flatMap((origin) => {
      const directive = directiveOf(origin);
      return directive === undefined ? [] : [{ directive, errno }];
    });
  });
}
