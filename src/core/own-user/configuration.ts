/** A line of a daemon's own configuration that names a place where only root may write, and the same line with another place. */
import { patternOfPath } from "../kernel/path.ts";

/** A file that the service was seen to read. */
export interface ConfigurationFile {
  readonly path: string;
  readonly text: string;
}

/** The line, counted from 1. */
export interface NamingLine {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly instead: string;
}

/** How a line begins that says nothing, in most formats. */
const COMMENT = /^\s*(#|;|\/\/)/;

/** The first line that names `path`, with `directory` in place of the one that holds it; undefined if none does. */
export function lineNaming(
  files: readonly ConfigurationFile[],
  path: string,
  directory: string,
): NamingLine | undefined {
  const named = new RegExp(`(?<![\\w./-])(?:/var)?${patternOfPath(path)}(?![\\w./-])`);
  for (const { path: file, text } of files) {
    const lines = text.split("\n");
    const at = lines.findIndex((line) => !COMMENT.test(line) && named.test(line));
    const line = lines[at];
    if (line !== undefined) {
      const name = path.split("/").at(-1) ?? "";
      return { file, line: at + 1, text: line, instead: line.replace(named, () => `${directory}/${name}`) };
    }
  }
  return undefined;
}
