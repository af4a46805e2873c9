/** Makes a packet socket by socketcall, of which a filter sees only which call is meant, and not the family. Facts: socketcall(2), packet(7). */
import { ADDRESS_FAMILIES } from "../../kernel/address-family.ts";
import { SOCKET_TYPES } from "../../kernel/socket-type.ts";
import { routeOf } from "../../kernel/syscalls/multiplexer.ts";
import { callThrough, number, step } from "../act.ts";
import { onAbi } from "../other-abi.ts";
import type { Probe } from "../probe.ts";

/** The attack: a packet socket through socketcall. */
export const openPacketSocketThroughSocketcall: Probe = {
  id: "open-packet-socket-through-socketcall",
  title: "open a packet socket, through socketcall of the kernel's 32-bit interface",
  gain: "Every packet of the machine, as it passes.",
  goals: ["spy-or-stop", "pose"],
  steps: (machine) =>
    onAbi(machine, "i386", () => {
      const given = [ADDRESS_FAMILIES.AF_PACKET, SOCKET_TYPES.SOCK_RAW, 0].map(number);
      const selector = number(routeOf("i386", "socket")?.selector ?? 0);
      return [
        step("socket", callThrough("i386", "socketcall", selector, { kind: "pointers", to: given }), [
          { kind: "capability", capability: "CAP_NET_RAW", over: "net" },
        ]),
      ];
    }),
};
