/**
 * A filter answers for each ABI by itself, and what it answers for one it need not answer for another: RestrictAddressFamilies= says
 * nothing of 32-bit programs, and a filter of somebody else's may know native calls only. Any program may call in the other way. Facts:
 * seccomp(2), "arch"; each filter's own answers for the ABI.
 */
import { routeOf } from "../../kernel/syscalls/multiplexer.ts";
import { type Abi, numberOf, tableOf } from "../../kernel/syscalls/syscall.ts";
import { attachExecutableThroughIpc } from "../../probes/abis/attach-executable-through-ipc.ts";
import { callThroughI386 } from "../../probes/abis/call-through-i386.ts";
import { callThroughX32 } from "../../probes/abis/call-through-x32.ts";
import { mountThroughI386 } from "../../probes/abis/mount-through-i386.ts";
import { mountThroughX32 } from "../../probes/abis/mount-through-x32.ts";
import { openNetlinkSocketThroughI386 } from "../../probes/abis/open-netlink-socket-through-i386.ts";
import { openNetlinkSocketThroughX32 } from "../../probes/abis/open-netlink-socket-through-x32.ts";
import { openPacketSocketThroughSocketcall } from "../../probes/abis/open-packet-socket-through-socketcall.ts";
import { plantSetUserIdThroughI386 } from "../../probes/abis/plant-set-user-id-through-i386.ts";
import { readShadowThroughI386 } from "../../probes/abis/read-shadow-through-i386.ts";
import { readShadowThroughX32 } from "../../probes/abis/read-shadow-through-x32.ts";
import { traceNeighbourThroughI386 } from "../../probes/abis/trace-neighbour-through-i386.ts";
import { traceNeighbourThroughX32 } from "../../probes/abis/trace-neighbour-through-x32.ts";
import { MACHINE } from "../../probes/act.ts";
import { policiesOfWalls } from "../../sandbox/filters.ts";
import { type CallData, letsThrough, possible } from "../../seccomp/policy/evaluate.ts";
import type { Policy } from "../../seccomp/policy/policy.ts";
import { withoutFilterOf } from "../open-filter.ts";
import type { Power } from "../power.ts";

/** How an ABI makes a call of this name: by a number of its own, or by one call for many. Arguments are not known. */
function waysTo(abi: Abi, name: string): readonly CallData[] {
  const own = numberOf(abi, name);
  const route = routeOf(abi, name);
  return [
    ...(own === undefined ? [] : [{ abi, number: own, arguments: [] }]),
    ...(route === undefined ? [] : [{ abi, number: route.number, arguments: [BigInt(route.selector)] }]),
  ];
}

/** Whether all filters let this through whatever its arguments are: what hangs on them is no more open here than natively. */
function isFree(policies: readonly Policy[], data: CallData): boolean {
  return policies.every((policy) => possible(policy, data).every(letsThrough));
}

/** The native calls whose name another ABI has, and there free of every filter. */
function freeElsewhere(policies: readonly Policy[], abis: readonly Abi[]): readonly number[] {
  return Object.entries(tableOf(MACHINE.abi).numbers).flatMap(([name, number]) => {
    const ways = abis.filter((abi) => abi !== MACHINE.abi).flatMap((abi) => waysTo(abi, name));
    return number !== undefined && ways.some((data) => isFree(policies, data)) ? [number] : [];
  });
}

/** The power: call in the way of an ABI that filters do not cover. */
export const otherAbi: Power = {
  id: "other-abi",
  title: "calls the kernel as a program of another ABI",
  follows: "Calls that the filters refuse to native programs only are made in the other way.",
  ways: [
    callThroughI386,
    callThroughX32,
    readShadowThroughI386,
    readShadowThroughX32,
    openNetlinkSocketThroughI386,
    openNetlinkSocketThroughX32,
    openPacketSocketThroughSocketcall,
    mountThroughI386,
    mountThroughX32,
    traceNeighbourThroughI386,
    traceNeighbourThroughX32,
    plantSetUserIdThroughI386,
    attachExecutableThroughIpc,
  ],
  gives: ({ walls }, { abis }) => withoutFilterOf(walls, freeElsewhere(policiesOfWalls(walls), abis)),
};
