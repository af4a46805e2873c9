/**
 * Sends the resolver of names a question that asks nothing. It is asked twice: the second time the kernel knows whether anybody is
 * there. Facts: resolver(3); ECONNREFUSED in udp(7); RFC 1035, "Header section format".
 */
import { SOCKET_FLAGS } from "../../kernel/socket-type.ts";
import { bytes, call, number, resultOf, step } from "../act.ts";
import type { Probe, Step } from "../probe.ts";
import { connectStep, inetAddress, momentStep, socketStep } from "../socket.ts";

/** A message without a question. */
const NOTHING: readonly number[] = [0x43, 0x6c, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];

function sendStep(name: string, needs: Step["action"]["needs"]): Step {
  const size = number(NOTHING.length);
  const what = call("sendto", resultOf("socket"), bytes(NOTHING), size, number(0), number(0), number(0));
  return step(name, what, needs, { atLeast: NOTHING.length });
}

/** The attack: talk to the outside through the resolver. */
export const askResolver: Probe = {
  id: "ask-resolver",
  title: "ask the resolver of names",
  gain: "A way to the whole Internet where no other is open: secrets leave as names that somebody is asked for.",
  goals: ["move-on"],
  steps: ({ network }) => {
    if (network === undefined) {
      return { notApplicable: "on the machine's own network no resolver of ours stands there" };
    }
    const { address, port } = network.resolver;
    const need = { kind: "address", operation: "send", family: "AF_INET", address, port, transport: "udp" } as const;
    return [
      socketStep("AF_INET", SOCKET_FLAGS.SOCK_NONBLOCK, "SOCK_DGRAM"),
      connectStep(inetAddress(address, port), []),
      sendStep("ask", [need]),
      momentStep(),
      sendStep("asked", []),
    ];
  },
};
