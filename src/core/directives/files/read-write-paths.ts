/** ReadWritePaths=. Facts: systemd.exec(5); which mode wins where paths meet, measured on systemd 257. */
import { type PathList, pathDirective } from "../_paths.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { optionalEntries, writtenPlaces } from "./_writes.ts";

/** Where the unit names its own doors, they are all that it needs: what was seen got through them. */
function candidates(situation: Situation): readonly Candidate<PathList>[] {
  const places = writtenPlaces(situation);
  if (situation.unit.setting("ReadWritePaths") !== undefined || places.length === 0 || places.includes("/")) return [];
  const doors = places.map((place) => `may write below ${place}`);
  return [{ value: optionalEntries(places), reason: `was seen to write to ${places.join(", ")}`, doors }];
}

/** A door in ProtectSystem=strict and ReadOnlyPaths=. */
export const readWritePaths: Directive<PathList> = pathDirective({
  name: "ReadWritePaths",
  since: 231,
  group: "files",
  summary: "Lets the service write below these paths although ProtectSystem= or ReadOnlyPaths= covers them.",
  breaks: "Nothing.",
  ineffective: ["A path that the host itself mounted read-only stays so."],
  mode: { kind: "read-write" },
  door: [
    "ProtectSystem",
    "ReadOnlyPaths",
    "ProtectHome",
    "ProtectKernelTunables",
    "ProtectControlGroups",
    "TemporaryFileSystem",
    "BindReadOnlyPaths",
  ],
  ladder: candidates,
  samples: ["/srv", "-/var/log"],
});
