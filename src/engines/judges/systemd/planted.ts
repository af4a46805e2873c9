/**
 * What root and the neighbour keep in a box for attacks to find: secrets in all the places where machines have them, files in
 * directories that all share, a credential. Facts: hier(7), file-hierarchy(7).
 */
import { directoryOf } from "../../../core/kernel/path.ts";
import type { Kept, SecretPlace } from "../../../core/probes/probe.ts";
import { existingIn } from "../../../linux/other-root.ts";
import type { Box } from "../../box/box.ts";

/** The neighbour's message queue; made by its own program. */
export const QUEUE: Kept["queue"] = { name: "cloison-neighbour", mode: 0o644 };

/** The service that is handed a credential, and the lines that give it. */
export const TRUSTED = { name: "cloison-trusted", lines: ["SetCredential=cloison:secret"] } as const;

const FEW_LEVELS = "cloison-root/secret";
/** Where secrets of root's lie, and how deep. */
const SECRETS: Readonly<Record<SecretPlace, string>> = {
  "/etc": FEW_LEVELS,
  "/etc/ssl/private": "cloison-root.key",
  "/etc/ssh": "ssh_host_cloison_key",
  "/var/lib": "cloison-root/of/a/daemon/secret",
  "/run": FEW_LEVELS,
  "/var/log": FEW_LEVELS,
  "/var/cache": FEW_LEVELS,
  "/var/spool": FEW_LEVELS,
  "/var/mail": "cloison-root",
  "/var/backups": "cloison-root.tar",
  "/usr/local/etc": FEW_LEVELS,
  "/srv": FEW_LEVELS,
  "/opt": FEW_LEVELS,
};

const SHARED = ["/dev/shm", "/tmp", "/var/tmp"];
const STATE = "/var/lib/cloison-neighbour/secret";
const SHARED_NAME = "cloison-neighbour";

/** The first argument owns what is shared; then its files up to `--`, then root's. What cannot be made is left out. */
const MAKE = `owner=$1; shift
umask 0
while [ "$1" != -- ]; do echo secret >"$1" && chown "$owner:$owner" "$1"; shift; done 2>/dev/null
shift
umask 022; mkdir -p ${directoryOf(STATE)} && { umask 077; echo secret >${STATE}; } && chown "$owner:$owner" ${STATE}
for file; do umask 022; mkdir -p "\${file%/*}" && { umask 077; echo secret >"$file"; }; done 2>/dev/null
journal=$(find /run/log/journal /var/log/journal -type f -name system.journal -print -quit 2>/dev/null)
copy=\${journal%/*}/system@cloison.journal
# Made elsewhere, without the access control list that its directory would give it: that of adm is not modelled.
[ -z "$journal" ] || { cp "$journal" /run/cloison.journal && chown --reference="$journal" /run/cloison.journal &&
  chmod 0640 /run/cloison.journal && mv /run/cloison.journal "$copy" && echo "$copy"; }`;

/** Makes all of it. */
export async function makeKept(box: Box, neighbour: number): Promise<Kept> {
  const secrets = Object.entries(SECRETS).map(([place, name]) => [place, `${place}/${name}`] as const);
  const shared = SHARED.map((place) => [place, `${place}/${SHARED_NAME}`] as const);
  const words = [`${neighbour}`, ...shared.map(([, path]) => path), "--", ...secrets.map(([, path]) => path)];
  const { stdout } = await box.run(["/bin/sh", "-c", MAKE, "sh", ...words]);
  const made = (all: readonly (readonly [string, string])[]) =>
    Object.fromEntries(
      all.flatMap(([place, path]) => {
        const there = existingIn(box.root, path);
        return there === undefined ? [] : [[place, there] as const];
      }),
    );
  const journal = stdout.trim();
  return {
    secrets: made(secrets),
    state: STATE,
    shared: made(shared),
    credential: `/run/credentials/${TRUSTED.name}.service/cloison`,
    queue: QUEUE,
    journal: journal === "" ? undefined : journal,
  };
}
