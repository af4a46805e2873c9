/** ReadOnlyPaths=. Facts: systemd.exec(5); which mode wins where paths meet, measured on systemd 257. */
import { isWithin } from "../../kernel/path.ts";
import { ON_A_FILE, type PathList, pathDirective } from "../_paths.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { needsOf } from "../seen.ts";
import { managersParts } from "./_managers-directory.ts";
import { optionalEntries, writtenPlaces } from "./_writes.ts";

/** What belongs to people who are logged in. */
const SESSIONS = "/run/user";

/** Where people keep files; ProtectHome= closes all of it or nothing. */
const HOMES = ["/home", "/root", SESSIONS];

/** Whether ProtectHome= cannot close /run/user, which ProtectSystem=strict takes out of everything around it. */
function usesHomes({ observation }: Situation): boolean {
  return needsOf(observation, "path").some(({ need }) => HOMES.some((home) => isWithin(need.path, home)));
}

/**
 * ProtectSystem=strict does not reach /run beside a directive that gives /run an entry of its own, as ProtectProc= does.
 * Who must write to /run itself, as for a file with its process number, need not write to the manager's part of it.
 */
function candidates(situation: Situation): readonly Candidate<PathList>[] {
  const places = writtenPlaces(situation);
  const parts = optionalEntries(
    managersParts(situation).filter((part) => !places.some((place) => isWithin(place, part))),
  );
  if (places.includes("/run")) {
    return [{ value: parts, reason: "writes to /run, but not to what the service manager keeps there" }];
  }
  const whole = "was not seen to write to /run itself, which ProtectSystem=strict leaves open beside other settings";
  if (!usesHomes(situation)) {
    return [{ value: optionalEntries(["/run"]), reason: whole }];
  }
  const manager = { value: parts, reason: "was not seen to write to what the service manager keeps in /run" };
  const sessions = `${whole}, nor to ${SESSIONS}, which it leaves to ProtectHome=`;
  return [{ value: optionalEntries(["/run", SESSIONS]), reason: sessions }, manager];
}

/** Single places made read-only, for units that do not take ProtectSystem=strict. */
export const readOnlyPaths: Directive<PathList> = pathDirective({
  name: "ReadOnlyPaths",
  since: 231,
  group: "files",
  summary: "Makes these paths read-only for the service.",
  breaks: "Whatever writes there.",
  broke: [
    {
      sentence: "Redis Sentinel could not rewrite its configuration behind a read-only /.",
      reference: "redis/redis#6370",
    },
    {
      sentence: "Redis did not start behind a read-only / while a network mount hung: the mounts could not be made.",
      reference: "redis/redis#13621",
    },
  ],
  implies: (value) => (value.length === 0 ? [] : ["PrivateMounts=yes"]),
  requires: [],
  ineffective: [
    "Whoever may mount can undo it.",
    "Without a leading + it has no effect on paths inside RootDirectory=.",
    ON_A_FILE,
  ],
  mode: { kind: "read-only" },
  ladder: candidates,
  samples: ["/srv", "-/var/log"],
});
