/** What a user of its own needs on disk, looked up in a box, and done there. Facts: systemd-sysusers(8), systemd-tmpfiles(8), chown(1). */
import { readdirSync } from "node:fs";
import type { FilesSeen } from "../../core/own-user/directories.ts";
import type { RotationFile } from "../../core/own-user/logrotate.ts";
import { type DiskChange, makerOf } from "../../core/own-user/own-user.ts";
import { existingIn, fileFacts } from "../../linux/other-root.ts";
import { describeFailure } from "../../linux/spawn.ts";
import { SystemError } from "../../linux/system-error.ts";
import type { Box } from "../box/box.ts";
import { textsIn } from "./text-files.ts";

/** More than a service keeps whose files Cloison gives away one by one. */
const MOST_FILES = 20_000;

/** What is known of a file of a box, links followed. */
export function factsIn(box: Box): FilesSeen["facts"] {
  return (path) => {
    const real = existingIn(box.root, path);
    return real === undefined ? undefined : fileFacts(box.root, real);
  };
}

/** What lies below these directories, links not followed, before the service's first start. */
export async function filesIn(box: Box, directories: readonly string[]): Promise<FilesSeen> {
  const trees = new Map<string, readonly { readonly path: string; readonly uid: number }[]>();
  for (const directory of directories) {
    trees.set(directory, await treeIn(box, directory));
  }
  return {
    facts: factsIn(box),
    below: (path) => trees.get(path) ?? [],
    rotations: rotationsIn(box),
  };
}

async function treeIn(
  box: Box,
  directory: string,
): Promise<readonly { readonly path: string; readonly uid: number }[]> {
  const argv = ["find", directory, "-xdev", "-mindepth", "1", "-printf", "%U %p\\0"];
  const { stdout } = await box.run(argv);
  const entries = stdout.split("\0").filter((entry) => entry !== "");
  if (entries.length > MOST_FILES) {
    const reason = `more than ${MOST_FILES} files lie in it`;
    throw new SystemError("look through", {
      path: directory,
      reason,
      help: "give them to the service's user by hand first",
    });
  }
  return entries.map((entry) => {
    const at = entry.indexOf(" ");
    return { uid: Number(entry.slice(0, at)), path: entry.slice(at + 1) };
  });
}

const ROTATIONS = "/etc/logrotate.d";

function rotationsIn(box: Box): readonly RotationFile[] {
  const directory = existingIn(box.root, ROTATIONS);
  const names = directory === undefined ? [] : readdirSync(`${box.root}${directory}`).sort();
  return textsIn(
    box,
    names.map((name) => `${ROTATIONS}/${name}`),
  );
}

/** Does them in a box, in their order. */
export async function changeInBox(box: Box, changes: readonly DiskChange[]): Promise<void> {
  for (const change of changes) {
    await doInBox(box, change);
  }
}

async function doInBox(box: Box, change: DiskChange): Promise<void> {
  switch (change.kind) {
    case "owner": {
      const { path, user, group } = change;
      return must(
        box,
        ["chown", "--no-dereference", "--", group === undefined ? user : `${user}:${group}`, path],
        path,
      );
    }
    case "file": {
      await box.writeFile(change.path, change.content);
      return must(box, makerOf(change), change.path);
    }
    case "line": {
      const text = (await box.readFile(change.path)).toString("utf8");
      return box.writeFile(change.path, changedLine(text, change));
    }
  }
}

/** The text with its line changed. Throws a SystemError if it is not there as it was. */
export function changedLine(text: string, { path, from, to }: Extract<DiskChange, { readonly kind: "line" }>): string {
  const lines = text.split("\n");
  const at = lines.indexOf(from);
  if (at < 0) {
    throw new SystemError("change", {
      path,
      reason: `it has no line "${from.trim()}"`,
      help: "run cloison harden again",
    });
  }
  return lines.toSpliced(at, 1, ...to).join("\n");
}

async function must(box: Box, argv: readonly string[], path: string): Promise<void> {
  const result = await box.run(argv);
  if (result.status !== 0) {
    throw new SystemError("change", { path, reason: `${argv[0]}: ${describeFailure(result)}` });
  }
}
