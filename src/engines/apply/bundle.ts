/**
 * What `harden` left in a directory, opened for `apply`: read once, through one descriptor of the directory, so that what
 * is checked is what is installed.
 */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { resolve } from "node:path";
import type { DiskChange } from "../../core/own-user/own-user.ts";
import { readReport } from "../../core/report/json.ts";
import type { Report } from "../../core/report/report.ts";
import { VERDICTS } from "../../core/report/summary.ts";
import type { RunVerdict } from "../../core/verdict/overall.ts";
import { sha256 } from "../../linux/sha256.ts";
import { SystemError } from "../../linux/system-error.ts";

/** A rehearsed drop-in with its report; `bytes` are the very bytes whose hash the report holds. */
export interface Bundle {
  readonly report: Report;
  readonly bytes: Uint8Array;
  /** What must change on disk before the service starts with it. */
  readonly changes: readonly DiskChange[];
  /** Where it lay, and the SHA-256 of its report. */
  readonly directory: string;
  readonly reportHash: string;
}

const LARGEST = 16 << 20;

/**
 * Opens and checks a directory; `ownUser`: for the drop-in with a user of its own. Throws a SystemError that says what is wrong and
 * what to do about it.
 */
export async function openBundle(directory: string, ownUser = false): Promise<Bundle> {
  const handle = await openDirectory(directory);
  try {
    const report = await readIn(handle, directory, "report.json");
    const parsed = readReport(report.toString("utf8"), `${directory}/report.json`);
    if (!parsed.ok) {
      const reason = parsed.diagnostics.map(({ message }) => message).join("; ");
      throw new SystemError("read", { path: `${directory}/report.json`, reason, help: "run cloison harden again" });
    }
    const wanted = ownUser ? ownUserOf(parsed.value, directory) : plainOf(parsed.value);
    refuseUnproved(wanted.verdict, directory);
    const bytes = await readIn(handle, directory, wanted.file);
    if (sha256(bytes) !== wanted.hash) {
      const reason = "it is not the drop-in that was rehearsed: its hash differs from the one in report.json";
      throw new SystemError("apply", { path: `${directory}/${wanted.file}`, reason, help: "run cloison harden again" });
    }
    const { changes } = wanted;
    return { report: parsed.value, bytes, changes, directory: resolve(directory), reportHash: sha256(report) };
  } finally {
    await handle.close();
  }
}

/** One of the drop-ins of a directory, as its report has it. */
interface Wanted {
  readonly file: string;
  readonly hash: string;
  readonly verdict: RunVerdict;
  readonly changes: readonly DiskChange[];
}

function plainOf({ hashes, verdict }: Report): Wanted {
  return { file: "hardening.conf", hash: hashes.dropIn, verdict, changes: [] };
}

function ownUserOf({ ownUser }: Report, directory: string): Wanted {
  if (ownUser?.kind === "works") {
    const { dropIn, verdict, changes } = ownUser;
    return { file: "own-user.conf", hash: dropIn, verdict, changes };
  }
  const reason =
    ownUser?.kind === "refused" ? `it did not work as ${ownUser.user}` : "no user of its own was rehearsed there";
  throw new SystemError("apply", { path: directory, reason, help: "run cloison harden with --own-user" });
}

/** Refuses what did not hold or was not decided; an open door is no reason, since it was open before. */
function refuseUnproved(verdict: RunVerdict, directory: string): void {
  if (verdict === "holds" || verdict === "open") {
    return;
  }
  const reason = `its verdict is "${VERDICTS[verdict].word}": ${VERDICTS[verdict].means}`;
  throw new SystemError("apply", { path: directory, reason, help: "see report.txt there" });
}

async function openDirectory(directory: string): Promise<FileHandle> {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  const handle = await open(directory, flags).catch((cause: unknown) => {
    throw new SystemError("open", { path: directory, cause, help: "name the directory that harden --out wrote" });
  });
  const { uid, mode } = await handle.stat();
  if (uid !== 0 || (mode & 0o022) !== 0) {
    await handle.close();
    const reason = "it must belong to root and be writable by nobody else";
    throw new SystemError("trust", {
      path: directory,
      reason,
      help: `chown root ${directory} && chmod go-w ${directory}`,
    });
  }
  return handle;
}

async function readIn(directory: FileHandle, shown: string, name: string): Promise<Buffer> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(`/proc/self/fd/${directory.fd}/${name}`, flags).catch((cause: unknown) => {
    throw new SystemError("open", {
      path: `${shown}/${name}`,
      cause,
      help: "name the directory that harden --out wrote",
    });
  });
  try {
    const status = await file.stat();
    if (!status.isFile() || status.uid !== 0 || (status.mode & 0o022) !== 0 || status.size > LARGEST) {
      const reason = "it must be a regular file that belongs to root and that nobody else can write to";
      throw new SystemError("trust", { path: `${shown}/${name}`, reason, help: "run cloison harden again" });
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}
