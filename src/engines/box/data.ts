/** What is asked of a service's data before a box shows it: does someone on the host write it now, is it large? */
import {
  type LargeFile,
  largeFilesBelow as largeFiles,
  type Writer,
  writersBelow as writers,
} from "../../linux/writers.ts";
import { inSomeBox } from "./sweep.ts";

export type { LargeFile, Writer } from "../../linux/writers.ts";

/** Host processes that have files below `path` open for writing: a copy-on-write view of them would be torn. Boxes do not count. */
export function writersBelow(path: string): Promise<Writer[]> {
  return writers(path, { ignoreCgroup: inSomeBox });
}

/** Files of 64 MiB and more below `path`, the largest first. */
export function largeFilesBelow(path: string): Promise<LargeFile[]> {
  return largeFiles(path);
}
