/**
 * Which directive by itself stops which attack, for a service that starts as root on an ordinary machine. The model is
 * asked, so no list can go stale.
 */
import { catalogue } from "../directives/catalogue.ts";
import type { AnyDirective } from "../directives/directive.ts";
import { type Host, sandboxOf } from "../directives/sandbox.ts";
import { MACHINE } from "../probes/act.ts";
import { type Attack, attacksOn } from "../probes/attack.ts";
import { probes } from "../probes/catalogue.ts";
import { ordinaryMachine, ordinarySurroundings } from "../probes/ordinary-machine.ts";
import type { Probe } from "../probes/probe.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { foresee } from "./predict.ts";

const host: Host = {
  systemd: 999,
  machine: MACHINE.abi,
  user: () => undefined,
  directories: [],
  executables: ["/usr/bin/app"],
};

type Built = readonly { readonly value: string; readonly sandbox: Sandbox }[];

/** The walls are the same for every attack. */
const known = new WeakMap<AnyDirective, Built>();

/** A directive's samples, each with what it builds. */
function built(directive: AnyDirective): Built {
  const { name, samples } = directive;
  const found =
    known.get(directive) ??
    samples.map((value) => {
      const assignment = { value, file: "app.service", line: 1 };
      return { value, sandbox: sandboxOf((asked) => (asked === name ? [assignment] : []), host).sandbox };
    });
  known.set(directive, found);
  return found;
}

function stops(sandbox: Sandbox, { steps }: Attack): boolean {
  return foresee(sandbox, steps, ordinarySurroundings) === "denied";
}

/** The attacks that get through where there is no wall. */
function effective(among: readonly Probe[]): readonly Attack[] {
  return attacksOn(ordinaryMachine, among).attacks.filter(
    ({ steps }) => foresee({ walls: [] }, steps, ordinarySurroundings) === "allowed",
  );
}

/** The attacks that each value of a directive stops; values that stop none are left out. */
export function stoppedBy(
  directive: AnyDirective,
): readonly { readonly value: string; readonly probes: readonly Probe[] }[] {
  const attacks = effective(probes);
  return built(directive)
    .map(({ value, sandbox }) => ({
      value,
      probes: attacks.filter((attack) => stops(sandbox, attack)).map(({ probe }) => probe),
    }))
    .filter(({ probes: stopped }) => stopped.length > 0);
}

/** An attack on an ordinary machine: its steps, and the directives that stop it with the values that do. */
export function attackExplained(probe: Probe): {
  readonly steps: Attack["steps"];
  readonly stoppedBy: readonly { readonly directive: string; readonly values: readonly string[] }[];
} {
  const [attack] = effective([probe]);
  if (attack === undefined) {
    return { steps: attacksOn(ordinaryMachine, [probe]).attacks[0]?.steps ?? [], stoppedBy: [] };
  }
  return {
    steps: attack.steps,
    stoppedBy: catalogue
      .map((directive) => ({
        directive: directive.name,
        values: built(directive).flatMap(({ value, sandbox }) => (stops(sandbox, attack) ? [value] : [])),
      }))
      .filter(({ values }) => values.length > 0),
  };
}
