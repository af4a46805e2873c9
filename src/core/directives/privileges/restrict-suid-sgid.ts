/** RestrictSUIDSGID=. Facts: systemd.exec(5), chmod(2), open(2); calls and errors measured on systemd 257. */

import { MODE_BITS } from "../../kernel/file-mode.ts";
import { openFlagsOf } from "../../kernel/open-flags.ts";
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import { setting, type WallOrigin } from "../../sandbox/origin.ts";
import type { NamedRule } from "../../seccomp/policy/build.ts";
import { booleanDirective, worthTrying } from "../_boolean.ts";
import { abisOf, fails, filterWall, hasBits } from "../_filter.ts";
import type { Directive, FilterWall, UnitFacts } from "../directive.ts";

const BY = setting("RestrictSUIDSGID", "yes");

/** Calls by the argument that holds a mode. */
const MODE_ARGUMENT: readonly (readonly [number, readonly string[]])[] = [
  [1, ["chmod", "fchmod", "mkdir", "mknod", "creat"]],
  [2, ["fchmodat", "fchmodat2", "mkdirat", "mknodat"]],
];

/** Debian 11's systemd (247) and libseccomp are older than fchmodat2, Debian 12's (252) know it from an update: measured. */
const ANEW_SINCE = 252;

function rulesFor(bit: number, abi: Abi, systemd: number): readonly NamedRule[] {
  const action = fails("EPERM");
  const creates = openFlagsOf(abi).O_CREAT;
  return [
    ...MODE_ARGUMENT.map(([index, calls]) => ({
      calls: calls.filter((name) => systemd >= ANEW_SINCE || name !== "fchmodat2"),
      when: [hasBits(index, bit)],
      action,
    })),
    { calls: ["open"], when: [hasBits(1, creates), hasBits(2, bit)], action },
    { calls: ["openat"], when: [hasBits(2, creates), hasBits(3, bit)], action },
  ];
}

/** Where its filter comes, whichever directive asks for it. */
export const SUID_SGID_TURN = 50;

/** The filter, built by this directive or by one that implies it. */
export function suidSgidFilter(by: WallOrigin, facts: UnitFacts): FilterWall {
  const rules = (abi: Abi): readonly NamedRule[] => [
    ...rulesFor(MODE_BITS.S_ISUID, abi, facts.systemd),
    ...rulesFor(MODE_BITS.S_ISGID, abi, facts.systemd),
    { calls: ["openat2"], action: fails("ENOSYS") },
  ];
  return filterWall(by, rules, abisOf(facts));
}

/** No file becomes a way to another user's rights. openat2 keeps its mode behind a pointer, so it fails as a whole. */
export const restrictSuidSgid: Directive<boolean> = booleanDirective({
  name: "RestrictSUIDSGID",
  since: 242,
  group: "privileges",
  summary: "Refuses to set the set-user-ID or set-group-ID bit of a file, a classic back door.",
  breaks: "Package managers, installers, and programs that keep the group bit on directories when they copy.",
  broke: [
    {
      sentence:
        "httpd of Fedora 44 could not unpack archives: GNU tar in a script of the site calls openat2, which is answered with ENOSYS though no bit is set.",
      reference: "systemd/systemd#43314",
    },
    {
      sentence: "logrotate's createolddir with mode 6770 would fail; the change was not taken.",
      reference: "logrotate/logrotate#345",
    },
    {
      sentence: "Dovecot sets the group bit on directories of mail; it is kept off.",
      reference: "NixOS/nixpkgs nixos/modules/services/mail/dovecot.nix",
    },
  ],
  weight: 1000,
  requires: ["seccomp"],
  ineffective: [
    "A ring of io_uring makes such files without a call that is looked at: refuse io_uring_setup, as in ~@aio.",
    "A file that is opened without a name (O_TMPFILE) has the bit from its birth, and linkat names it; no filter of this directive sees that.",
    "File capabilities are set by setxattr, which is not looked at: drop CAP_SETFCAP.",
  ],
  walls: () => [],
  filter: { turn: SUID_SGID_TURN, walls: (facts) => [suidSgidFilter(BY, facts)] },
  ladder: worthTrying("was not seen to set a set-user-ID or set-group-ID bit"),
});
