/**
 * Connects to whoever starts containers, and asks for none. These look at nobody: who may connect may have a container started as root
 * that shows the machine's own files. Facts: "Docker daemon attack surface" in Docker's documentation; the modes of the sockets.
 */
import { SOCKET_FLAGS } from "../../kernel/socket-type.ts";
import { containerManagerAmong } from "../../sandbox/trust.ts";
import type { Probe } from "../probe.ts";
import { connectStep, pathAddress, reachNeed, socketStep } from "../socket.ts";

/** The attack: have a container started that is root on the machine. */
export const askContainerManager: Probe = {
  id: "ask-container-manager",
  title: "have a container started that is root on the machine",
  gain: "Every file of the machine, and any command as root.",
  goals: ["take-over", "switch-off"],
  steps: ({ peers }) => {
    const address = containerManagerAmong(peers);
    if (address === undefined) {
      return { notApplicable: "nobody listens who starts containers" };
    }
    return [
      socketStep("AF_UNIX", SOCKET_FLAGS.SOCK_NONBLOCK),
      // That many wait to be taken in is found out after the permission.
      connectStep(pathAddress(address), [reachNeed(address, "connect"), { kind: "trust", address }], {
        past: ["EAGAIN"],
      }),
    ];
  },
};
