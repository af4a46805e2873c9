/** Who starts containers starts one that has the machine's files, as root. Facts: "Docker daemon attack surface" in Docker's documentation. */
import { askContainerManager as ask } from "../../probes/peers/ask-container-manager.ts";
import { NO_WALLS, type Power } from "../power.ts";

/** The power: have containers started. */
export const askContainerManager: Power = {
  id: "ask-container-manager",
  title: "has containers started",
  follows: "A container may be given the machine's files and root's rights, and is behind no wall of this service.",
  ways: [ask],
  gives: () => NO_WALLS,
};
