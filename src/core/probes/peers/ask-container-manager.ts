/**
 * Connects to whoever starts containers, and asks for none. These look at nobody: who may connect may have a container started as root
 * that shows the machine's own files. Facts: "Docker daemon attack surface" in Docker's documentation; the modes of the sockets.
 */
import { containerManagerAmong } from "../../sandbox/trust.ts";
import type { Probe } from "../probe.ts";
import { connectOnly } from "../socket.ts";

/** The attack: have a container started that is root on the machine. */
export const askContainerManager: Probe = {
  id: "ask-container-manager",
  title: "have a container started that is root on the machine",
  gain: "Every file of the machine, and any command as root.",
  goals: ["take-over", "switch-off"],
  steps: ({ peers }) => {
    const address = containerManagerAmong(peers);
    return address === undefined
      ? { notApplicable: "nobody listens who starts containers" }
      : connectOnly(address, [{ kind: "trust", address }]);
  },
};
