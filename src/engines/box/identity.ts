/** The name of a box on the host: it tells whose box it is, so that a later start can sweep what a dead owner left. */
import { randomBytes } from "node:crypto";
import { startTime } from "../../linux/proc.ts";

const PATTERN = /^cloison-(\d+)-(\d+)-[0-9a-f]+(?:\.scope)?$/;

/** Unique: process, its start time, and chance (one process may load this module twice). */
export async function boxIdentity(): Promise<string> {
  return `cloison-${process.pid}-${await startTime(process.pid)}-${randomBytes(4).toString("hex")}`;
}

/** Is this the name of a box, or of its scope? */
export function isBoxName(name: string): boolean {
  return PATTERN.test(name);
}

/** Is this the name of a box whose owner has ended? */
export async function isOrphan(name: string, proc = "/proc"): Promise<boolean> {
  const found = PATTERN.exec(name);
  if (found === null) {
    return false;
  }
  return (await startTime(Number(found[1]), proc)) !== found[2];
}
