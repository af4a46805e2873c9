/** The exposure of a unit file according to this machine's `systemd-analyze security --offline=true` (systemd-analyze(1)). */
import { describeFailure, type RunCommand, runCommand } from "./spawn.ts";
import { SystemError } from "./system-error.ts";

/** One check. `set` and `exposure` are null where it does not apply; exposure in the tool's own tenths (0.1 … 10). */
export interface SecurityCheck {
  readonly name: string;
  readonly field: string;
  readonly set: boolean | null;
  readonly description: string;
  readonly exposure: number | null;
}

/** The overall exposure, and the checks from which it is computed. */
export interface SecurityAnalysis {
  /** 0.0 (walled in) … 10.0. */
  readonly exposure: number;
  /** The tool's word for it: PERFECT, SAFE, OK, MEDIUM, EXPOSED, UNSAFE, DANGEROUS. */
  readonly word: string;
  readonly checks: readonly SecurityCheck[];
}

const ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C.UTF-8",
  SYSTEMD_COLORS: "0",
  SYSTEMD_EMOJI: "0",
};

/**
 * Analyses a unit file with the drop-ins beside it. Only the text form has the overall exposure, and only JSON has checks
 * that need no layout parsing, so the tool runs twice. Throws a SystemError with the tool's words when it refuses the file.
 */
export async function analyzeSecurity(file: string, run: RunCommand = runCommand): Promise<SecurityAnalysis> {
  const [text, json] = await Promise.all([ask(file, [], run), ask(file, ["--json=short"], run)]);
  const found = /Overall exposure level for .*: (\d+\.\d+) ([A-Z]+)/.exec(text);
  if (found?.[1] === undefined || found[2] === undefined) {
    throw new SystemError("read the exposure of", {
      path: file,
      reason: "systemd-analyze gave no overall exposure level",
    });
  }
  return { exposure: Number(found[1]), word: found[2], checks: parseChecks(json, file) };
}

async function ask(file: string, extra: readonly string[], run: RunCommand): Promise<string> {
  const argv = ["systemd-analyze", "security", "--offline=true", "--no-pager", ...extra, file];
  const result = await run(argv, { env: ENVIRONMENT, timeoutMs: 30_000 });
  if (result.status === 0) {
    return result.stdout;
  }
  throw new SystemError("analyse the exposure of", { path: file, reason: describeFailure(result) });
}

function parseChecks(json: string, file: string): SecurityCheck[] {
  const rows: unknown = JSON.parse(json);
  if (!Array.isArray(rows)) {
    throw new SystemError("read the checks of", { path: file, reason: "not a JSON array" });
  }
  return rows.map((row: Readonly<Record<string, unknown>>) => ({
    name: String(row.name),
    field: String(row.json_field),
    set: typeof row.set === "boolean" ? row.set : null,
    description: String(row.description),
    exposure: row.exposure === null || row.exposure === undefined ? null : Number(row.exposure),
  }));
}
