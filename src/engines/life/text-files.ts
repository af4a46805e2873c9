/** Files of a box as text, as far as they are there. */
import { readIn, resolveIn } from "../../linux/beneath.ts";
import type { Box } from "../box/box.ts";

const LARGEST = 1 << 20;

/** One of them; `path` as it was asked for. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Those of these files that are there, in the same order, each as far as a mebibyte goes. */
export function textsIn({ root }: Box, paths: readonly string[]): readonly TextFile[] {
  return paths.flatMap((path) => {
    const text = readIn(root, resolveIn(root, path), LARGEST)?.toString("utf8");
    return text === undefined ? [] : [{ path, text }];
  });
}
