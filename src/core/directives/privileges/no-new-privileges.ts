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
  broke: [
    {
      sentence: "Transmission's script-torrent-done could not send mail, because exim is set-user-ID.",
      reference: "transmission/transmission#1951",
    },
    {
      sentence: "Dovecot's sieve scripts could not send mail with sendmail; the setting was removed.",
      reference: "dovecot/core@a66e595515",
    },
    {
      sentence:
        "snapraidd could not mail that its maintenance had ended, whatever ReadWritePaths= opened for the mail drop.",
      reference: "amadvance/snapraid-daemon#29",
    },
    {
      sentence: "Clients of OpenSMTPD, beside RestrictSUIDSGID=, could not send mail: its sendmail is set-group-ID.",
      reference: "OpenSMTPD/OpenSMTPD#1155",
    },
    {
      sentence:
        "MariaDB leaves it out on purpose, with CapabilityBoundingSet= and PrivateDevices=: SELinux transitions and a set-user-ID helper of PAM need privileges.",
      reference: "MariaDB/server#4787",
    },
  ],
  weight: 1000,
  requires: [],
  ineffective: ["Root keeps what it has; it only cannot gain more."],
  walls: () => [{ kind: "no-new-privileges", by: setting("NoNewPrivileges", "yes") }],
  ladder: worthTrying("was not seen to gain privileges by running a set-user-ID file"),
});
