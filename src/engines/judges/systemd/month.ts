/**
 * What happens to a machine in a month, done in a moment: files are replaced by rename, as passwd(1) and dpkg(1) do, daemons are
 * started anew, which bind their sockets again, and PID 1 is executed anew, as an upgrade of systemd does. Facts: rename(2),
 * daemon-reexec in systemctl(1).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { BUS_SOCKET } from "../../../core/sandbox/trust.ts";
import { type CommandResult, describeFailure } from "../../../linux/spawn.ts";
import { SystemError } from "../../../linux/system-error.ts";
import type { Box } from "../../box/box.ts";
import { STAGE_SHELL } from "./services.ts";
import { restartDaemons, stageOf } from "./stage.ts";

/** Files that every machine replaces from time to time, whether or not a wall stands on them. */
export const OFTEN_REPLACED: readonly string[] = ["/etc/passwd", "/etc/shadow", "/etc/group"];

/**
 * A regular file is replaced by a copy. Anything else, such as a socket, is put back itself: a copy would have no listener.
 * Says which it leaves, each with a NUL behind it.
 */
const REPLACE = `copy() {
  if [ -f "$1" ]; then
    cp -p -- "$1" "$2"
  else
    ln -- "$1" "$2" && rm -f -- "$1"
  fi
}
for file; do
  new="$file.cloison-$$"
  [ ! -e "$file" ] || { copy "$file" "$new" && mv -fT -- "$new" "$file"; } || {
    rm -f -- "$new"
    printf '%s\\0' "$file"
  }
done`;

/** Puts another file in the place of each of these. Result: those that cannot be replaced, on what is mounted read-only. */
export async function replaceFiles(box: Box, files: readonly string[]): Promise<readonly string[]> {
  const done = await box.run([STAGE_SHELL, "-c", REPLACE, "sh", ...files]);
  if (done.status !== 0) {
    throw new SystemError("replace files", { reason: describeFailure(done) });
  }
  return done.stdout.split("\0").filter((file) => file !== "");
}

/** A month, in which these files are replaced. Result: those that were not. */
export async function passMonth(box: Box, files: readonly string[]): Promise<readonly string[]> {
  const left = await replaceFiles(box, files);
  await restartDaemons(box);
  await executeManagerAnew(box);
  return left;
}

const BACK_WITHIN_MS = 10_000;
const LOOK_EACH_MS = 20;

/** Returns when PID 1 answers again wherever it answered before. */
async function executeManagerAnew(box: Box): Promise<void> {
  const { peers } = await stageOf(box);
  const bus = peers.some(({ address }) => address === BUS_SOCKET);
  // This ends the connection of whoever asks: how the command ends says nothing.
  await box.systemctl("daemon-reexec");
  const until = Date.now() + BACK_WITHIN_MS;
  let answer = await answerOfManager(box, bus);
  while (answer.status !== 0) {
    if (Date.now() > until) {
      throw new SystemError("execute PID 1 anew", { reason: `it does not answer: ${describeFailure(answer)}` });
    }
    await sleep(LOOK_EACH_MS);
    answer = await answerOfManager(box, bus);
  }
}

/** What PID 1 answers systemctl, and once it does, what the bus says of it. */
async function answerOfManager(box: Box, bus: boolean): Promise<CommandResult> {
  const shown = await box.systemctl("show", "--property=Version");
  if (shown.status !== 0 || !bus) {
    return shown;
  }
  return box.run(["busctl", "--system", "--no-pager", "status", "org.freedesktop.systemd1"]);
}
