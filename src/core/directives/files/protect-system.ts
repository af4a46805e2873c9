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
  requires: [],
  ineffective: [
    "Whoever may mount can undo it: drop CAP_SYS_ADMIN or refuse the @mount calls as well.",
    "Even strict leaves /run writable beside ProtectProc=, ProtectKernelTunables= and others that imply MountAPIVFS= (systemd 257): add ReadOnlyPaths=/run.",
    "With yes and full, /var and /run stay writable, and with them whatever is read or run from there.",
  ],
  values: ["strict", "full", "yes", "no"],
  initial: "no",
  newer: { strict: 232 },
  walls: (value) => {
    const by = setting("ProtectSystem", value);
    if (value === "no") {
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
