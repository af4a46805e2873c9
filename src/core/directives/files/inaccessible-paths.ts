/** InaccessiblePaths=. Facts: systemd.exec(5); which mode wins where paths meet, measured on systemd 257. */
import { isWithin } from "../../kernel/path.ts";
import { ON_A_FILE, type PathList, pathDirective } from "../_paths.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { needsOf, peopleOf } from "../seen.ts";
import { foreignPeers } from "./_foreign-peers.ts";
import { optionalEntries } from "./_writes.ts";

/** What root may read, and hardly any service has to: other people's password hashes, keys of the machine, their copies. */
const SECRETS = [
  "/etc/shadow",
  "/etc/shadow-",
  "/etc/gshadow",
  "/etc/gshadow-",
  "/etc/security/opasswd",
  "/etc/sudoers",
  "/etc/sudoers.d",
  "/etc/ssh",
  "/var/backups",
  "/var/spool/cron",
];

/** What ProtectHome= would hide beside /home, for a service that needs /home. Who logs people in may log root in, too. */
function rootsHome({ unit, observation }: Situation): readonly string[] {
  const home = needsOf(observation, "path").some(({ need }) => isWithin(need.path, "/home"));
  return home && peopleOf(observation, unit.uid).length === 0 ? ["/root"] : [];
}

/** Places that services share by design: a certificate that is bought tomorrow will lie there. */
const SHARED = ["/etc/ssl", "/etc/letsencrypt", "/etc/pki"];

function isShared(path: string): boolean {
  return SHARED.some((place) => isWithin(path, place));
}

function candidates(situation: Situation): readonly Candidate<PathList>[] {
  const secrets = untouchedSecrets(situation);
  const peers = foreignPeers(situation);
  const reasons = [
    ...(secrets.length === 0 ? [] : ["runs as root and was not seen to use these secrets"]),
    ...(peers.length === 0 ? [] : [`was not seen to talk to those who obey root in ${peers.join(", ")}`]),
  ];
  const paths = [...secrets, ...peers].sort();
  return paths.length === 0 ? [] : [{ value: optionalEntries(paths), reason: reasons.join("; ") }];
}

/** A user other than root is kept from them by their modes. */
function untouchedSecrets(situation: Situation): readonly string[] {
  const { unit, observation } = situation;
  if (unit.uid !== 0) {
    return [];
  }
  const own = [...unit.directories, ...unit.executables];
  const others = (unit.secrets ?? []).filter((path) => !isShared(path) && !own.some((place) => isWithin(place, path)));
  const secrets = [
    ...new Set([
      ...SECRETS,
      ...rootsHome(situation),
      ...others.filter((path) => !SECRETS.some((place) => isWithin(path, place))),
    ]),
  ];
  const paths = observation.seen.flatMap(({ action }) =>
    action.needs.flatMap((need) => (need.kind === "path" ? [need.path] : [])),
  );
  const all = secrets.filter((secret) => !paths.some((path) => isWithin(path, secret)));
  return all.filter((secret) => !all.some((other) => other !== secret && isWithin(secret, other)));
}

/** Places that the service has no business with. */
export const inaccessiblePaths: Directive<PathList> = pathDirective({
  name: "InaccessiblePaths",
  since: 231,
  group: "files",
  summary: "Hides these paths from the service.",
  breaks: "Whatever reads there, also a library that merely looks.",
  implies: (value) => (value.length === 0 ? [] : ["PrivateMounts=yes"]),
  requires: [],
  ineffective: [
    "Root with CAP_DAC_OVERRIDE opens the empty file that stands there; its bytes are gone all the same.",
    ON_A_FILE,
  ],
  mode: { kind: "inaccessible" },
  ladder: candidates,
  samples: ["/srv", "-/etc/shadow"],
});
