/**
 * What synthesis makes as small as possible, the weightiest first: the goals that an intruder reaches behind a sandbox, the powers that
 * are had on the way, the attacks that get through, then calls, capabilities and writable places. Reckoned by the model alone, on a
 * machine as Debian sets one up, so that what a machine happens to lack does not decide.
 */
import type { Identity } from "../action/action.ts";
import type { Abi } from "../kernel/syscalls/syscall.ts";
import { attacksOn } from "../probes/attack.ts";
import { probes } from "../probes/catalogue.ts";
import { ordinaryMachine, ordinarySurroundings } from "../probes/ordinary-machine.ts";
import { behind } from "../sandbox/judge.ts";
import { leftOpen, type Objective } from "../synthesis/objective.ts";
import { goalsOf } from "./goals.ts";
import { positionBehind } from "./supposed-goals.ts";

/** The figures of a service that acts as these identities. */
export function intrudersReach(identities: readonly Identity[], abi: Abi): Objective {
  const left = leftOpen(abi);
  const { attacks } = attacksOn(ordinaryMachine, probes);
  const around = { attacks, machine: ordinaryMachine, surroundings: ordinarySurroundings };
  return (sandbox) => {
    const positions = identities.map((identity) =>
      positionBehind(`${identity.uid}:${identity.gid}`, behind(sandbox, identity), around),
    );
    const open = goalsOf(positions).filter(({ state }) => state === "open" || state === "unknown");
    const powers = new Set(
      positions.flatMap(({ reached }) => reached.flatMap(({ chain }) => chain.map(({ power }) => power))),
    );
    const ways = new Set(open.flatMap((goal) => goal.ways.map(({ way }) => way)));
    return [open.length, powers.size, ways.size, ...left(sandbox)];
  };
}
