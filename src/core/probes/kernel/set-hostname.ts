/** Sets a host name that is too long: EINVAL comes after the permission check (kernel/sys.c). Facts: sethostname(2). */
import { call, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

/** One more than __NEW_UTS_LEN. */
const TOO_LONG = 65;

/** The attack: change the host name. */
export const setHostname: Probe = {
  id: "set-hostname",
  title: "change the host name",
  gain: "Logs, alarms and cluster members that speak for another machine.",
  goals: ["pose", "logs"],
  steps: () => [
    step(
      "set",
      call("sethostname", text("x"), number(TOO_LONG)),
      [{ kind: "capability", capability: "CAP_SYS_ADMIN", over: "uts" }],
      { past: ["EINVAL"] },
    ),
  ],
};
