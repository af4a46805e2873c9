/**
 * A neighbour of the same user as a unit under attack, one for each user: it has no capability, is shut in as a hardened service is,
 * and has a place to write of its own. Facts: setpriv(1), systemd.exec(5).
 */
import type { Identity } from "../../../core/action/action.ts";
import { isDynamicId } from "../../../core/action/dynamic-user.ts";
import type { Twin } from "../../../core/probes/probe.ts";
import type { Box } from "../../box/box.ts";
import { asUser, checked, chosen, manyOf, processesOf, startService } from "./services.ts";
import { PREY, PREY_PROGRAM } from "./stage.ts";

/** What is known of it but for the process that a unit aims at. */
type Known = Omit<Twin, "pid"> & { readonly pids: readonly number[] };

const twins = new WeakMap<Box, Map<string, Promise<Known>>>();

/**
 * The neighbour of this user and group in a box, started when it is first asked for; with it the process to aim at, another each
 * time. A transient user has none: nobody can start a service as it.
 */
export async function twinOf(box: Box, identity: Identity): Promise<Twin | undefined> {
  if (isDynamicId(identity.uid)) {
    return undefined;
  }
  const known = twins.get(box) ?? new Map<string, Promise<Known>>();
  twins.set(box, known);
  const key = `${identity.uid}-${identity.gid}`;
  const made = known.get(key) ?? startTwin(box, identity, `cloison-twin-${key}`);
  known.set(key, made);
  const { pids, ...twin } = await made;
  asked += 1;
  return { ...twin, pid: chosen(pids, asked) };
}

let asked = 0;

async function startTwin(box: Box, { uid, gid }: Identity, name: string): Promise<Known> {
  const place = `/var/lib/${name}`;
  await checked(box, place, ["install", "-d", "-m", "0700", "-o", String(uid), "-g", String(gid), place]);
  const change = asUser({ uid, gid }, "--bounding-set=-all", "--inh-caps=-all");
  const walls = ["ProtectSystem=strict", `ReadWritePaths=${place}`, "PrivateTmp=yes", "NoNewPrivileges=yes"];
  await startService(box, name, `${change} ${manyOf(PREY, PREY_PROGRAM)}`, { speakers: PREY, lines: walls });
  const process = { uid, gid, relation: "neighbour", capabilities: [] } as const;
  return { pids: await processesOf(box, name), process, unit: `${name}.service`, place };
}
