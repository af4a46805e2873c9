/**
 * Reads a file of root's that nobody else may read, below each of the places where machines keep them. A user other than root is
 * stopped by its mode; root without any capability is not. Facts: hier(7), file-hierarchy(7), ssh-keygen(1).
 */
import { readFile } from "../act.ts";
import type { Probe, SecretPlace } from "../probe.ts";

/** Where secrets lie, and what is typically among them. */
const ROWS: readonly (Pick<Probe, "id" | "title" | "gain"> & { readonly place: SecretPlace })[] = [
  {
    id: "read-secret-in-etc",
    title: "read a secret of root's in /etc",
    gain: "The passwords with which the machine's programs are configured.",
    place: "/etc",
  },
  {
    id: "read-key-of-tls",
    title: "read a private key in /etc/ssl/private",
    gain: "The key with which any other server of this name can be posed as.",
    place: "/etc/ssl/private",
  },
  {
    id: "read-host-key",
    title: "read the machine's SSH key",
    gain: "The key with which this machine can be posed as to all who log in.",
    place: "/etc/ssh",
  },
  {
    id: "read-secret-in-var-lib",
    title: "read a secret of root's in /var/lib",
    gain: "Databases and keys of the machine's daemons.",
    place: "/var/lib",
  },
  {
    id: "read-secret-in-run",
    title: "read a secret of root's in /run",
    gain: "Tokens, cookies and passwords of what runs now.",
    place: "/run",
  },
  {
    id: "read-secret-in-var-log",
    title: "read a secret of root's in /var/log",
    gain: "What other services log: names, tokens, requests.",
    place: "/var/log",
  },
  {
    id: "read-secret-in-var-cache",
    title: "read a secret of root's in /var/cache",
    gain: "What other services have fetched or answered.",
    place: "/var/cache",
  },
  {
    id: "read-secret-in-var-spool",
    title: "read a secret of root's in /var/spool",
    gain: "Jobs, prints and letters that wait.",
    place: "/var/spool",
  },
  {
    id: "read-mail",
    title: "read root's mail",
    gain: "Reports of the machine, and links that reset passwords.",
    place: "/var/mail",
  },
  {
    id: "read-backup",
    title: "read a backup",
    gain: "Everything that is closed elsewhere, in one file.",
    place: "/var/backups",
  },
  {
    id: "read-secret-in-usr-local",
    title: "read a secret of root's in /usr/local/etc",
    gain: "The passwords of programs that were installed by hand.",
    place: "/usr/local/etc",
  },
  {
    id: "read-secret-in-srv",
    title: "read a secret of root's in /srv",
    gain: "Data that other services serve to those whom they know.",
    place: "/srv",
  },
  {
    id: "read-secret-in-opt",
    title: "read a secret of root's in /opt",
    gain: "The passwords of programs of other makers.",
    place: "/opt",
  },
];

/** The attacks: read what only root may read, wherever it lies. */
export const readRootSecrets: readonly Probe[] = ROWS.map(({ place, ...probe }) => ({
  ...probe,
  goals: ["read-secrets"],
  steps: (machine) => {
    const path = machine.kept.secrets[place];
    return path === undefined ? { notApplicable: `nobody keeps a secret in ${place}` } : readFile(machine, path);
  },
}));
