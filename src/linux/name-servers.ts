/** The name servers that a machine asks, also those that systemd-resolved asks for it. Facts: resolv.conf(5), systemd-resolved(8). */
import { readFileSync } from "node:fs";

const FILES = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

/** Their addresses, without a zone; empty where neither file is there. */
export function nameServers(root = ""): readonly string[] {
  const lines = FILES.flatMap((path) => {
    try {
      return readFileSync(`${root}${path}`, "utf8").split("\n");
    } catch {
      return [];
    }
  });
  return [...new Set(lines.flatMap((line) => /^nameserver\s+([^\s%]+)/.exec(line)?.[1] ?? []))];
}
