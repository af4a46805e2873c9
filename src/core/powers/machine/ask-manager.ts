/** PID 1 runs whatever those ask for whom it obeys. Facts: org.freedesktop.systemd1(5), StartTransientUnit. */
import { askManager as ask } from "../../probes/peers/ask-manager.ts";
import { askManagerOverBus } from "../../probes/peers/ask-manager-over-bus.ts";
import { setManagerEnvironment } from "../../probes/peers/set-manager-environment.ts";
import { NO_WALLS, type Power } from "../power.ts";

/** The power: have the service manager run commands. */
export const askManager: Power = {
  id: "ask-manager",
  title: "has PID 1 run commands",
  follows: "What PID 1 starts runs as root, with every capability and behind no wall of this service.",
  ways: [ask, askManagerOverBus, setManagerEnvironment],
  gives: () => NO_WALLS,
};
