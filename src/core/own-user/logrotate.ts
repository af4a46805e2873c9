/**
 * What logrotate does with logs whose directory gets another owner: it would make files as root in a directory that a service can
 * change, and give them an owner as whom the service cannot write. Facts: logrotate(8), "su" and "create".
 */
import { isWithin } from "../kernel/path.ts";
import type { DiskChange } from "./own-user.ts";

/** A file of logrotate's. */
export interface RotationFile {
  readonly path: string;
  readonly text: string;
}

/** Whom the logs belong to from now on. `group`: of their directory, in which it stays. */
export interface LogOwner {
  readonly user: string;
  readonly group: string;
}

/**
 * The lines to change, one for each block that rotates something in `directory`: `create` names the new owner, `su` has logrotate act
 * as it. A block that has `su` already is left alone.
 */
export function rotationChanges(
  files: readonly RotationFile[],
  directory: string,
  owner: LogOwner,
): readonly DiskChange[] {
  return files.flatMap(({ path, text }) =>
    blocksOf(text).flatMap((block) => changesIn(path, text, block, directory, owner)),
  );
}

interface Block {
  readonly patterns: readonly string[];
  readonly header: string;
  readonly lines: readonly string[];
}

/** Blocks as they are mostly written: patterns, a brace at the end of a line, one directive a line, a brace alone. */
function blocksOf(text: string): readonly Block[] {
  const found = text.matchAll(/^([^\n#{}]*)\{[ \t]*\n([\s\S]*?)^\}/gm);
  return [...found].map(([whole, patterns = "", body = ""]) => ({
    patterns: patterns
      .trim()
      .split(/\s+/)
      .map((each) => each.replaceAll('"', "")),
    header: whole.split("\n")[0] ?? "",
    lines: body.split("\n"),
  }));
}

function changesIn(
  path: string,
  text: string,
  block: Block,
  directory: string,
  { user, group }: LogOwner,
): readonly DiskChange[] {
  const words = (line: string): readonly string[] => line.trim().split(/\s+/);
  const touches = block.patterns.some((pattern) => isWithin(pattern, directory));
  if (!touches || block.lines.some((line) => words(line)[0] === "su")) {
    return [];
  }
  const create = block.lines.find((line) => words(line)[0] === "create");
  const indent = /^[ \t]*/.exec(block.lines[0] ?? "")?.[0] ?? "\t";
  const su = `${indent}su ${user} ${group}`;
  const [, mode = "0640", , ownGroup = group] = create === undefined ? [] : words(create);
  const [from, to] =
    create === undefined || words(create).length < 4
      ? [block.header, [block.header, su]]
      : [create, [`${indent}create ${mode} ${user} ${ownGroup}`, `${indent}su ${user} ${ownGroup}`]];
  return text.split("\n").filter((line) => line === from).length === 1 ? [{ kind: "line", path, from, to }] : [];
}
