/**
 * What root may read and a service has no business with, as the fewest paths that hide it. A directory in place of a file wherever
 * nothing in it was used: a wall on a directory outlives the files in it, and covers what comes later. Facts: hier(7), proc(5).
 */
import { directoryOf, isWithin, outermost } from "../../kernel/path.ts";
import type { Situation } from "../directive.ts";
import { needsOf, peopleOf } from "../seen.ts";

/** Hardly any service has to read these: other people's password hashes, keys of the machine, their copies, its journal. */
const ALWAYS = [
  "/etc/shadow",
  "/etc/shadow-",
  "/etc/gshadow",
  "/etc/gshadow-",
  "/etc/security/opasswd",
  "/etc/sudoers",
  "/etc/sudoers.d",
  "/etc/ssh",
  "/run/log/journal",
  "/var/backups",
  "/var/log/journal",
  "/var/spool/cron",
  // What root needs no capability for, of all that the kernel tells of the whole machine.
  "/proc/key-users",
  "/proc/keys",
  "/proc/kpagecgroup",
  "/proc/kpagecount",
  "/proc/kpageflags",
  "/proc/pagetypeinfo",
  "/proc/slabinfo",
  "/proc/timer_list",
  "/proc/vmallocinfo",
];

/** Where others keep data, and a service that named nothing in it has none: such a place is hidden with all that comes there. */
const WHOLE = [
  "/media",
  "/mnt",
  "/opt",
  "/srv",
  "/usr/local/etc",
  "/var/cache",
  "/var/crash",
  "/var/log",
  "/var/mail",
  "/var/opt",
  "/var/spool",
];

/** Each directory in these is somebody's own; one that holds a secret is hidden as a whole. */
const OF_OWNERS = ["/opt", "/var/cache", "/var/lib", "/var/log", "/var/spool"];
/** But not these, which hold something for everybody. */
const FOR_ALL: ReadonlySet<string> = new Set(["/var/lib/dbus", "/var/lib/systemd", "/var/cache/fontconfig"]);

/** Places that services share by design: a certificate that is bought tomorrow will lie there. */
const SHARED = ["/etc/ssl", "/etc/letsencrypt", "/etc/pki"];

/** What ProtectHome= would hide beside /home, for a service that needs /home. Who logs people in may log root in, too. */
function rootsHome({ unit, observation }: Situation): readonly string[] {
  const home = needsOf(observation, "path").some(({ need }) => isWithin(need.path, "/home"));
  return home && peopleOf(observation, unit.uid).length === 0 ? ["/root"] : [];
}

/** The path, and the directories above it up to the one that is somebody's own. */
function within(path: string): readonly string[] {
  const place = OF_OWNERS.find((each) => isWithin(path, each));
  const above = directoryOf(path);
  return place === undefined || above === place || FOR_ALL.has(above) || path === place
    ? [path]
    : [...within(above), path];
}

/** What a service names, with all that is given to it. */
function usedBy({ unit, observation }: Situation): readonly string[] {
  const named = observation.seen.flatMap(({ action }) =>
    action.needs.flatMap((need) => (need.kind === "path" ? [need.path] : [])),
  );
  return [...unit.directories, ...unit.executables, ...named];
}

/** The secrets that were found on the machine, the service's own and the shared ones aside, each with the directories that hide it. */
function foundBeside({ unit }: Situation): readonly string[] {
  const own = [...unit.directories, ...unit.executables];
  const isOwn = (path: string) => own.some((place) => isWithin(path, place));
  const isShared = (path: string) => SHARED.some((place) => isWithin(path, place));
  return (unit.secrets ?? []).filter((path) => !isShared(path) && !isOwn(path)).flatMap(within);
}

/**
 * The paths to hide from a service of root; none from another, which the modes of files keep out. `whole`: also places of which it is
 * not known that they hold a secret now.
 */
export function foreignSecrets(situation: Situation, { whole }: { readonly whole: boolean }): readonly string[] {
  if (situation.unit.uid !== 0) {
    return [];
  }
  const used = usedBy(situation);
  const unused = (path: string) => !used.some((each) => isWithin(each, path));
  const known = [...ALWAYS, ...rootsHome(situation), ...(whole ? WHOLE : []), ...foundBeside(situation)];
  return outermost(known.filter(unused));
}

/** The known secrets that are not hidden: those that the service named something in; from who is not root none is. */
export function leftSecrets(situation: Situation): readonly string[] {
  const used = usedBy(situation);
  const known = outermost([...ALWAYS, ...foundBeside(situation)]);
  return situation.unit.uid === 0 ? known.filter((path) => used.some((each) => isWithin(each, path))) : known;
}
