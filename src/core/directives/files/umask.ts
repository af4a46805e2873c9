/** UMask=. Facts: systemd.exec(5), umask(2). */
import { isOwnUid } from "../_identity.ts";
import { scalarDirective } from "../_scalar.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { needsOf } from "../seen.ts";

const DEFAULT = 0o022;
const OWNER_ONLY = 0o077;
const OWNER_AND_GROUP = 0o027;

/** The service's user, and nobody else, did what was seen, and no socket of it waits in a file for others. */
function actsAlone({ unit, observation }: Situation): boolean {
  const alone = observation.seen.every(({ identities }) => identities.every(({ uid }) => isOwnUid(unit.uid, uid)));
  const meets = needsOf(observation, "address").some(
    ({ need }) => need.operation === "bind" && need.family === "AF_UNIX" && need.address.startsWith("/"),
  );
  return alone && !meets;
}

/** A file that it creates for another group, as in a set-group-ID log directory: that group is meant to read it. */
function madeForGroup({ unit, observation }: Situation): string | undefined {
  return needsOf(observation, "path").find(
    ({ need: { access, file } }) =>
      access === "create" && file?.type === "file" && file.gid !== unit.gid && (file.mode & 0o070) !== 0,
  )?.need.path;
}

function candidates(situation: Situation): readonly Candidate<number>[] {
  const owner = { value: OWNER_ONLY, reason: "runs as one user, who alone needs the files it makes" };
  if (situation.unit.uid === 0) {
    return [{ ...owner, withheld: "What root makes is often for others to read, and nothing shows who does." }];
  }
  if (!actsAlone(situation)) {
    return [{ ...owner, withheld: "It acts as several users, or others look for a socket that it makes." }];
  }
  const shared = madeForGroup(situation);
  return shared === undefined
    ? [owner]
    : [
        { ...owner, withheld: `It was seen to make ${shared} for another group to read.` },
        { value: OWNER_AND_GROUP, reason: `runs as one user; ${shared} is made for another group to read` },
      ];
}

function show(mask: number): string {
  return `0${mask.toString(8).padStart(3, "0")}`;
}

/** New files are the service's own. */
export const umask: Directive<number> = scalarDirective<number>({
  name: "UMask",
  since: 1,
  group: "files",
  summary: "Takes these permission bits away from every file that the service makes.",
  breaks: "Services that hand files or sockets to other users.",
  weight: 100,
  requires: [],
  ineffective: ["A program can set another mask, or change the mode of its files afterwards."],
  initial: DEFAULT,
  parse: (text) => (/^[0-7]{1,4}$/.test(text) ? Number.parseInt(text, 8) & 0o777 : undefined),
  show,
  meet: (a, b) => a | b,
  samples: ["0077", "0027"],
  expects: "an octal mask",
  walls: (value) => [
    {
      kind: "umask",
      by: { kind: value === DEFAULT ? "default" : "setting", directive: "UMask", value: show(value) },
      mask: value,
    },
  ],
  // A master running as root creates files for its workers, which a strict umask would lock out.
  ladder: candidates,
});
