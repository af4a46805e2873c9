/** ProtectSystem=. Facts: systemd.exec(5); mount tables measured on systemd 257. */
import { setting } from "../../sandbox/origin.ts";
import { choiceDirective } from "../_choice.ts";
import { KEEP, mountWalls, READ_ONLY } from "../_mount.ts";
import type { Directive } from "../directive.ts";
import { LEFT_TO_OTHERS, writtenPlaces } from "./_writes.ts";

type Value = "strict" | "full" | "yes" | "no";

const SYSTEM = ["/usr", "-/boot", "-/efi"];
const OWN = "directories of its own";
const AND_OPENED = `${OWN} and to those in ReadWritePaths=`;

/** The system's own files are read-only. */
export const protectSystem: Directive<Value> = choiceDirective<Value>({
  name: "ProtectSystem",
  since: 214,
  group: "files",
  summary: "Makes the system's files read-only: its programs, with full also /etc, with strict the whole tree.",
  breaks: "Services that write outside the directories named in ReadWritePaths= or StateDirectory=.",
  broke: [
    {
      sentence:
        "PostgreSQL failed behind strict once a database with a tablespace outside the data directory was opened.",
      reference: "NixOS/nixpkgs#395029",
    },
    {
      sentence: "fail2ban could ban nobody: at its first ban iptables makes /run/xtables.lock, and /run was read-only.",
      reference: "NixOS/nixpkgs#41422",
    },
    {
      sentence: "CUPS could not add a printer behind full, because cupsd writes /etc/cups.",
      reference: "bmwiedemann/openSUSE packages/c/cups/harden_cups.service.patch",
    },
    {
      sentence:
        "php8.4-fpm got full with an update, and a web application could not write its settings below /usr/share.",
      reference: "bacularis/bacularis-web#13",
    },
    {
      sentence:
        "Apache of Ubuntu 26.04 broke PHP that calls sudo, and an installer that writes /etc, beside InaccessiblePaths=/etc/sudoers.",
      reference: "marcpope/borgbackupserver#368",
    },
    {
      sentence:
        "logrotate, hardened as a whole in NixOS 24.11, no longer signalled haproxy, ceph and mysql after rotating, and logs went on into the old files.",
      reference: "flyingcircusio/fc-nixos#1292",
    },
    {
      sentence:
        "Carbonio could not upgrade mail stores with second volumes and backups over NFS; strict was put off by a release.",
      reference: "zextras/carbonio-mailbox#1086",
    },
    {
      sentence: "ckb-next would not have updated the firmware of keyboards behind full, beside ProtectHome=.",
      reference: "ckb-next/ckb-next#531",
    },
    {
      sentence: "smartmontools, for which a tool proposed strict: what the service mounts no longer reaches the host.",
      reference: "desbma/shh#6",
    },
    {
      sentence:
        "lldpd changes its root to a directory below /usr/local and makes its socket in /run, which were read-only.",
      reference: "lldpd/lldpd#308",
    },
  ],
  weight: 1000,
  implies: (value) => (value === "no" ? [] : ["PrivateMounts=yes"]),
  requires: [],
  ineffective: [
    "Whoever may mount can undo it: drop CAP_SYS_ADMIN or refuse the @mount calls as well.",
    "Even strict leaves /run writable beside ProtectProc=, ProtectKernelTunables= and others that imply MountAPIVFS= (systemd 257): add ReadOnlyPaths=/run.",
    "With yes and full, /var and /run stay writable, and with them whatever is read or run from there.",
  ],
  values: ["strict", "full", "yes", "no"],
  initial: "no",
  newer: { strict: 232 },
  walls: (value, facts) => {
    const by = setting("ProtectSystem", value);
    // DynamicUser= makes anything less strict, so that the less strict paths have no entries of their own.
    if (value === "no" || (value !== "strict" && facts.setting("DynamicUser") === "yes")) {
      return [];
    }
    if (value === "strict") {
      return [...mountWalls(by, READ_ONLY, "/"), ...mountWalls(by, KEEP, ...LEFT_TO_OTHERS)];
    }
    return mountWalls(by, READ_ONLY, ...SYSTEM, ...(value === "full" ? ["/etc"] : []));
  },
  ladder: (situation) => [
    {
      value: "strict",
      reason: `was seen to write only to ${writtenPlaces(situation).length === 0 ? OWN : AND_OPENED}`,
    },
    { value: "full", reason: "was not seen to write to the system's programs or to /etc" },
    { value: "yes", reason: "was not seen to write to the system's programs" },
  ],
});
