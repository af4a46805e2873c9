/** Whether the service on this host is the one that was rehearsed: its unit, its programs, its systemd. */
import { readFile } from "node:fs/promises";
import type { Report } from "../../core/report/report.ts";
import { SystemError } from "../../linux/system-error.ts";
import { systemdVersion } from "../../linux/systemd-version.ts";
import { hashUnitText, readUnitText } from "../../linux/unit-text.ts";
import { dropInName } from "../life/drop-in.ts";
import { sha256 } from "./bundle.ts";

/** Throws a SystemError naming the first thing that differs from what the report says was rehearsed. */
export async function assertSameService(report: Report): Promise<void> {
  const differs = (what: string): SystemError =>
    new SystemError("apply", {
      path: report.unit,
      reason: `${what} is not what was rehearsed`,
      help: "run cloison harden again",
    });
  const { full } = await systemdVersion();
  if (full !== report.systemd) {
    throw differs(`systemd ${full} (rehearsed under ${report.systemd})`);
  }
  const files = await readUnitText(report.unit);
  if (files.length === 0) {
    throw new SystemError("apply", {
      path: report.unit,
      reason: "no such unit on this host",
      help: "install it first",
    });
  }
  const theirs = files.filter(({ path }) => !path.endsWith(`/${dropInName}`));
  if (hashUnitText(theirs) !== report.hashes.unit) {
    throw differs(`the unit (${theirs.map(({ path }) => path).join(", ")})`);
  }
  for (const [path, digest] of Object.entries(report.hashes.executables)) {
    const bytes = await readFile(path).catch((cause: unknown) => {
      throw new SystemError("read", { path, cause });
    });
    if (sha256(bytes) !== digest) {
      throw differs(`the program ${path}`);
    }
  }
}
