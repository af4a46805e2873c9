/**
 * What an io_uring does is no system call, so no seccomp filter sees it. Facts: io_uring(7); its operations are those of
 * core/kernel/io-uring.ts, on a kernel that has them. A live test has a ring do each of them behind a filter that refuses the call.
 */
import { RING_OPERATIONS } from "../../kernel/io-uring.ts";
import { isOlder } from "../../kernel/release.ts";
import { numberOf } from "../../kernel/syscalls/syscall.ts";
import { MACHINE } from "../../probes/act.ts";
import type { Machine } from "../../probes/probe.ts";
import { bindLowPortByRing } from "../../probes/rings/bind-low-port-by-ring.ts";
import { connectToNeighbourByRing } from "../../probes/rings/connect-to-neighbour-by-ring.ts";
import { linkSetUserIdByRing } from "../../probes/rings/link-set-user-id-by-ring.ts";
import { makeDirectoryByRing } from "../../probes/rings/make-directory-by-ring.ts";
import { openNetlinkSocketByRing } from "../../probes/rings/open-netlink-socket-by-ring.ts";
import { openPacketSocketByRing } from "../../probes/rings/open-packet-socket-by-ring.ts";
import { plantSetUserIdByRing } from "../../probes/rings/plant-set-user-id-by-ring.ts";
import { useIoUring } from "../../probes/rings/use-io-uring.ts";
import { useIoUringUnasked } from "../../probes/rings/use-io-uring-unasked.ts";
import { withoutFilterOf } from "../open-filter.ts";
import type { Power } from "../power.ts";

/** The calls that a ring of this machine's kernel does. */
function callsOf(machine: Machine): readonly number[] {
  const release = machine.sysctl("kernel.osrelease") ?? "";
  return Object.entries(RING_OPERATIONS).flatMap(([name, { since }]) =>
    isOlder(release, since) === true ? [] : (numberOf(MACHINE.abi, name) ?? []),
  );
}

/** The power: have the kernel do calls from a ring. */
export const ioUring: Power = {
  id: "io-uring",
  title: "asks by io_uring",
  follows: "Files, sockets and directories are opened and made without any filter that looks at calls.",
  ways: [
    useIoUring,
    useIoUringUnasked,
    plantSetUserIdByRing,
    linkSetUserIdByRing,
    makeDirectoryByRing,
    openNetlinkSocketByRing,
    openPacketSocketByRing,
    connectToNeighbourByRing,
    bindLowPortByRing,
  ],
  gives: ({ walls }, machine) => withoutFilterOf(walls, callsOf(machine)),
};
