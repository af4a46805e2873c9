/** ReadWritePaths=. Facts: systemd.exec(5); which mode wins where paths meet, measured on systemd 257. */
import { ON_A_FILE, type PathList, pathDirective } from "../_paths.ts";
import { sameValue } from "../_scalar.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { optionalEntries, writerInWords, writtenPlaces } from "./_writes.ts";

/** Where the unit names its own doors, they are all that it needs: what was seen got through them. */
function candidates(situation: Situation): readonly Candidate<PathList>[] {
  if (situation.unit.setting("ReadWritePaths") !== undefined) {
    return [];
  }
  // Without PrivateTmp= the common temporary directories are places like others.
  const exact = writtenPlaces(situation, { exact: true });
  const own = writtenPlaces(situation);
  const all = writtenPlaces(situation, { temporary: true });
  return [exact, own, all]
    .filter((places, index, ladder) => ladder.findIndex((each) => sameValue(each, places)) === index)
    .filter((places) => places.length > 0 && !places.includes("/"))
    .map((places) => ({
      value: optionalEntries(places),
      reason: `was seen to write to ${places.join(", ")}`,
      doors: places.map((place) => {
        const need = writerInWords(situation, place);
        return `may write below ${place}${need === undefined ? "" : `: ${need}`}`;
      }),
    }));
}

/** A door in ProtectSystem=strict and ReadOnlyPaths=. */
export const readWritePaths: Directive<PathList> = pathDirective({
  name: "ReadWritePaths",
  since: 231,
  group: "files",
  summary: "Lets the service write below these paths although ProtectSystem= or ReadOnlyPaths= covers them.",
  breaks: "Nothing.",
  broke: [
    {
      sentence:
        "Redis's CONFIG REWRITE failed where its file was opened but not the directory: it makes a new file and renames it.",
      reference: "redis/redis-debian#5",
    },
    {
      sentence: "Redis could not save in a data directory that an administrator had moved from /var/lib/redis.",
      reference: "geerlingguy/ansible-role-redis#36",
    },
  ],
  implies: (value) => (value.length === 0 ? [] : ["PrivateMounts=yes"]),
  requires: [],
  ineffective: ["A path that the host itself mounted read-only stays so.", ON_A_FILE],
  mode: { kind: "read-write" },
  door: ["ProtectSystem", "ReadOnlyPaths"],
  ladder: candidates,
  samples: ["/srv", "-/var/log"],
});
