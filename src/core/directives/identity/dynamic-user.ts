/** DynamicUser=. Facts: systemd.exec(5); what it implies, and the disconnected /tmp since 257, measured on systemd 257. */

import { isDynamicId } from "../../action/dynamic-user.ts";
import { setting } from "../../sandbox/origin.ts";
import { booleanDirective } from "../_boolean.ts";
import { type Directive, never, type PlainWall, type UnitFacts } from "../directive.ts";
import { privateTmp } from "../files/private-tmp.ts";
import { protectHome } from "../files/protect-home.ts";
import { protectSystem } from "../files/protect-system.ts";
import { noNewPrivileges } from "../privileges/no-new-privileges.ts";
import { SUID_SGID_TURN, suidSgidFilter } from "../privileges/restrict-suid-sgid.ts";

const BY = setting("DynamicUser", "yes");

function implied(facts: UnitFacts): readonly PlainWall[] {
  return [
    ...noNewPrivileges.walls(true, facts),
    ...(facts.valueOf(protectSystem) === "strict" ? [] : protectSystem.walls("strict", facts)),
    ...(facts.valueOf(protectHome) === "no" ? protectHome.walls("read-only", facts) : []),
    ...(facts.valueOf(privateTmp) === "no"
      ? privateTmp.walls(facts.systemd >= 257 ? "disconnected" : "yes", facts)
      : []),
    { kind: "remove-ipc", by: BY },
  ];
}

/** A user that exists only while the service runs, with the walls that keep it from leaving files behind. */
export const dynamicUser: Directive<boolean> = booleanDirective({
  name: "DynamicUser",
  since: 232,
  group: "identity",
  fatal: true,
  summary: "Runs the service as a user of its own that exists only while it runs.",
  breaks: "Services with files that belong to a fixed user outside StateDirectory= and its kin.",
  broke: [
    {
      sentence:
        "systemd-cron could not mail that a job had failed: postdrop is set-group-ID, and no new privileges are implied.",
      reference: "systemd-cron/systemd-cron#75",
    },
    {
      sentence: "sysstat-report could not send the mail that it is for, beside ReadOnlyPaths=/.",
      reference: "desbma/sysstat_mail_report#8",
    },
  ],
  weight: 2000,
  implies: (value, { systemd }) =>
    value
      ? [
          "NoNewPrivileges=yes",
          "RestrictSUIDSGID=yes",
          "RemoveIPC=yes",
          "ProtectSystem=strict",
          "ProtectHome=read-only",
          `PrivateTmp=${systemd >= 257 ? "disconnected" : "yes"}`,
        ]
      : [],
  requires: [],
  ineffective: ["A static user of the same name is used as it is."],
  walls: (facts) => {
    const { uid, gid, groups } = facts;
    const transient = isDynamicId(uid);
    const identity: PlainWall = { kind: "identity", by: BY, uid, gid, groups, ...(transient ? { transient } : {}) };
    return [identity, ...implied(facts).map((wall) => ({ ...wall, by: BY }))];
  },
  filter: { turn: SUID_SGID_TURN, walls: (facts) => [suidSgidFilter(BY, facts)] },
  ladder: never(
    "Files that the service owns would belong to somebody else: only harden --own-user changes the user, in a drop-in of its own.",
  ),
});
