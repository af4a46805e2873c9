/** Gives the loopback interface the flags that it has. Facts: netdevice(7). */
import { littleEndian } from "../../kernel/bytes.ts";
import { ascii, bytes, call, number, padded, resultOf, step } from "../act.ts";
import type { Probe } from "../probe.ts";
import { socketStep } from "../socket.ts";

const SIOCSIFFLAGS = 0x8914;
const SIZE_OF_REQUEST = 40;
const NAME_SIZE = 16;
/** IFF_UP, IFF_LOOPBACK, IFF_RUNNING. */
const FLAGS = 0x49;

/** The attack: reconfigure the network. */
export const reconfigureNetwork: Probe = {
  id: "reconfigure-network",
  title: "reconfigure the network",
  gain: "Routes, addresses and filters of the machine, changed at will.",
  goals: ["pose", "move-on"],
  steps: () => {
    const request = padded([...padded(ascii("lo"), NAME_SIZE), ...littleEndian(FLAGS, 2)], SIZE_OF_REQUEST);
    return [
      socketStep("AF_INET"),
      step("flags", call("ioctl", resultOf("socket"), number(SIOCSIFFLAGS), bytes(request)), [
        { kind: "capability", capability: "CAP_NET_ADMIN", over: "net" },
      ]),
    ];
  },
};
