/**
 * What synthesis makes as small as possible, the weightiest first: the goals that an intruder reaches behind a sandbox, the powers that
 * are had on the way, the attacks that get through, then calls, capabilities and writable places. Reckoned by the model alone, on a
 * machine as Debian sets one up, so that what a machine happens to lack does not decide.
 */
import type { Identity } from "../action/action.ts";
import type { Abi } from "../kernel/syscalls/syscall.ts";
import { type Attack, attacksOn } from "../probes/attack.ts";
import { probes } from "../probes/catalogue.ts";
import { ordinaryMachine, ordinarySurroundings } from "../probes/ordinary-machine.ts";
import { behind } from "../sandbox/judge.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { leftOpen, type Objective } from "../synthesis/objective.ts";
import { goalsOf, type Position } from "./goals.ts";
import { foresee } from "./predict.ts";
import { reachable, type Through, throughBy } from "./reachable.ts";

let known: readonly Attack[] | undefined;

/** Made when somebody asks: most commands never do. */
function allAttacks(): readonly Attack[] {
  known ??= attacksOn(ordinaryMachine, probes).attacks;
  return known;
}

/** The figures of a service that acts as these identities. */
export function intrudersReach(identities: readonly Identity[], abi: Abi): Objective {
  const left = leftOpen(abi);
  return (sandbox) => {
    const positions = identities.map((identity) => positionBehind(behind(sandbox, identity), identity));
    const open = goalsOf(positions).filter(({ state }) => state === "open" || state === "unknown");
    const powers = new Set(
      positions.flatMap(({ reached }) => reached.flatMap(({ chain }) => chain.map(({ power }) => power))),
    );
    const ways = new Set(open.flatMap((goal) => goal.ways.map(({ way }) => way)));
    return [open.length, powers.size, ways.size, ...left(sandbox)];
  };
}

function positionBehind(sandbox: Sandbox, { uid, gid }: Identity): Position {
  const attacks = allAttacks();
  const came = new Map(attacks.map((attack) => [attack.probe.id, foreseen(sandbox, attack)]));
  const tried = (id: string): Through => came.get(id) ?? "unknown";
  const reached = reachable(sandbox, { attacks, machine: ordinaryMachine, surroundings: ordinarySurroundings, tried });
  return { identity: `${uid}:${gid}`, reached, attacks };
}

function foreseen(sandbox: Sandbox, { steps }: Attack): Through {
  return throughBy(foresee(sandbox, steps, ordinarySurroundings));
}
