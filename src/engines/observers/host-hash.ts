/**
 * Names this host in an observation without telling which it is: machine-id(5) asks that the id itself be never shown,
 * only something derived from it for one purpose.
 */
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";

/** Stays as it is whatever becomes of the document: it is part of every hash that was ever recorded. */
const PURPOSE = "cloison.observation/1 host";

/** 64 bits in hexadecimal, the same for every observation of this host; undefined where the host has no id. */
export async function hostHash(machineId: string = "/etc/machine-id"): Promise<string | undefined> {
  const text = await readFile(machineId, "utf8").catch(() => "");
  const id = text.trim();
  if (!/^[0-9a-f]{32}$/.test(id)) {
    return undefined;
  }
  return createHmac("sha256", Buffer.from(id, "hex")).update(PURPOSE).digest("hex").slice(0, 16);
}
