/**
 * Whether a service opens sessions for others: people who log in, or jobs that are run for them. What is done in a session stands
 * behind the service's walls, and no workload shows it. Known by what the service does, not by its name.
 * Facts: pam(3), pam_loginuid(8), pts(4); accounts of people: Debian Policy, 9.2.2.
 */
import { callOf, EXECUTING, type Observation, type Seen } from "./action.ts";

/** One sign, in words that follow "it". */
export interface SessionSign {
  readonly kind: "login" | "authentication" | "terminal" | "person";
  readonly words: string;
}

/** The first and the last uid of people's accounts. */
const PEOPLE = { first: 1000, last: 59999 };

/** Whether an account is of a person. */
export function isPerson(uid: number): boolean {
  return uid >= PEOPLE.first && uid <= PEOPLE.last;
}

/**
 * The signs that a service opens sessions; none if they could mean something else: a login id alone is enough, of the others
 * it takes two, since a mail server asks PAM for passwords, a terminal may be the service's own, and a web server runs what people
 * have written. What was refused counts: it was meant. `own` is the service's own uid.
 */
export function sessionSigns(observation: Observation, own: number): readonly SessionSign[] {
  const signs = new Map<SessionSign["kind"], SessionSign>();
  for (const sign of observation.seen.flatMap((seen) => signsOf(seen, own))) {
    signs.set(sign.kind, signs.get(sign.kind) ?? sign);
  }
  return signs.has("login") || signs.size > 1 ? [...signs.values()] : [];
}

function signsOf(seen: Seen, own: number): readonly SessionSign[] {
  const { needs } = seen.action;
  const found = needs.flatMap((need) => (need.kind === "path" ? signOfPath(need.path, need.access) : []));
  const executes = EXECUTING.has(callOf(seen.action)?.name ?? "") && seen.result === "ok";
  const person = seen.identities.find(({ uid }) => uid !== own && isPerson(uid));
  return executes && person !== undefined
    ? [...found, { kind: "person", words: `runs programs as uid ${person.uid}` }]
    : found;
}

function signOfPath(path: string, access: string): readonly SessionSign[] {
  if (path === "/proc/self/loginuid" && (access === "write" || access === "create")) {
    return [{ kind: "login", words: "says who logs in (/proc/self/loginuid)" }];
  }
  if (path.startsWith("/etc/pam.d/") || /\/security\/pam_\w+\.so$/.test(path)) {
    return [{ kind: "authentication", words: "asks PAM" }];
  }
  return path === "/dev/ptmx" || path === "/dev/pts/ptmx" ? [{ kind: "terminal", words: "opens terminals" }] : [];
}

/** The signs as one sentence that says what follows; undefined where there are none. */
export function sessionText(signs: readonly SessionSign[]): string | undefined {
  return signs.length === 0
    ? undefined
    : `it opens sessions for others: it ${signs.map(({ words }) => words).join(", ")}; what is done in a session would stand behind the same walls, and no workload shows all of that`;
}
