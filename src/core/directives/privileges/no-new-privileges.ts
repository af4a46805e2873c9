/** NoNewPrivileges=. Facts: systemd.exec(5), PR_SET_NO_NEW_PRIVS(2const). */
import { setting } from "../../sandbox/origin.ts";
import { booleanDirective, worthTrying } from "../_boolean.ts";
import type { Directive } from "../directive.ts";

/** No program gives the service more than it has. */
export const noNewPrivileges: Directive<boolean> = booleanDirective({
  name: "NoNewPrivileges",
  since: 187,
  group: "privileges",
  summary: "Programs with set-user-ID bits or file capabilities gain nothing when the service runs them.",
  breaks: "sudo, su, sendmail's drop program, and whatever else relies on set-user-ID files.",
  requires: [],
  ineffective: ["Root keeps what it has; it only cannot gain more."],
  walls: () => [{ kind: "no-new-privileges", by: setting("NoNewPrivileges", "yes") }],
  ladder: worthTrying("was not seen to gain privileges by running a set-user-ID file"),
});
