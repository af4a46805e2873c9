/** `cloison explain`: what a directive does, since when, what it breaks, which attacks it stops. */
import { inputError } from "../core/diagnostic/input-error.ts";
import { catalogue } from "../core/directives/catalogue.ts";
import type { AnyDirective } from "../core/directives/directive.ts";
import { type Host, sandboxOf } from "../core/directives/sandbox.ts";
import { attacksOn } from "../core/probes/attack.ts";
import { probes } from "../core/probes/catalogue.ts";
import { ordinaryMachine } from "../core/probes/ordinary-machine.ts";
import { explainDirective } from "../core/report/explain.ts";
import { predict } from "../core/verdict/predict.ts";
import { type SystemdVersion, systemdVersion } from "../linux/systemd-version.ts";
import { nearest } from "./arguments.ts";
import { paint } from "./terminal.ts";
import type { Context, Verb, VerbOutcome } from "./verb.ts";

export const explain: Verb = {
  name: "explain",
  summary: "What a directive does, since when, what it breaks, and which attacks it stops.",
  usage: "DIRECTIVE",
  operands: { min: 1, max: 1 },
  options: {},
  examples: ["cloison explain ProtectClock", "cloison explain SystemCallFilter --json"],
  run,
};

async function run({ arguments: given, colour }: Context): Promise<VerbOutcome> {
  const directive = find((given.operands[0] ?? "").replace(/=.*$/, ""));
  const here = await systemdVersion().catch((): SystemdVersion | undefined => undefined);
  const stops = stopsOf(directive);
  const extras = { stops: stops.map(({ value, attacks }) => ({ value, attacks: attacks.map(({ title }) => title) })) };
  const lines = explainDirective(directive, here === undefined ? extras : { ...extras, systemd: here.version });
  const { name, since, group, summary, breaks, ineffective, samples } = directive;
  const json = {
    schema: "cloison.directive/1",
    name,
    since,
    group,
    summary,
    breaks,
    ineffective,
    samples,
    stops: stops.map(({ value, attacks }) => ({ value, attacks: attacks.map(({ id }) => id) })),
  };
  return { status: 0, text: paint(lines, colour), json };
}

function find(word: string): AnyDirective {
  const known = catalogue.find(({ name }) => name.toLowerCase() === word.toLowerCase());
  if (known !== undefined) {
    return known;
  }
  const meant = nearest(
    word,
    catalogue.map(({ name }) => name),
  );
  const help =
    meant === undefined ? `known: ${catalogue.map(({ name }) => name).join(", ")}` : `did you mean ${meant}?`;
  throw inputError("unknown-directive", `'${word}' is not a directive that Cloison knows`, help);
}

/** Which attacks each value stops, alone on a service that starts as root: asked of the model, never listed. */
function stopsOf(
  directive: AnyDirective,
): readonly { value: string; attacks: readonly { id: string; title: string }[] }[] {
  const host: Host = { systemd: 999, user: () => undefined, directories: [], executables: ["/usr/bin/app"] };
  const { attacks } = attacksOn(ordinaryMachine, probes);
  const bare = new Set(attacks.filter(({ steps }) => predict({ walls: [] }, steps).kind !== "allowed"));
  return directive.samples
    .map((value) => {
      const assignment = { value, file: "app.service", line: 1 };
      const { sandbox } = sandboxOf((name) => (name === directive.name ? [assignment] : []), host);
      const stopped = attacks.filter((each) => !bare.has(each) && predict(sandbox, each.steps).kind === "denied");
      return { value, attacks: stopped.map(({ probe }) => ({ id: probe.id, title: probe.title })) };
    })
    .filter(({ attacks: stopped }) => stopped.length > 0);
}
