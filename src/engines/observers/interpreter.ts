/** What the kernel executes along with a file. Facts: execve(2) (interpreter scripts), elf(5) (PT_INTERP, 32 and 64 bits). */

const PT_INTERP = 3;
/** The kernel follows scripts of scripts four times. */
const MOST_LEVELS = 5;

/** The interpreter that the first bytes of a file name; undefined if they name none. */
export function interpreterOf(head: Buffer): string | undefined {
  if (head.subarray(0, 2).toString("latin1") === "#!") {
    const line = head.subarray(2).toString("utf8").split("\n")[0] ?? "";
    return /^[ \t]*(\/\S+)/.exec(line)?.[1];
  }
  return head.subarray(0, 4).toString("latin1") === "\x7fELF" && head[5] === 1 ? loaderOf(head) : undefined;
}

/** PT_INTERP of a little-endian ELF file whose program headers and interpreter lie in its first bytes. */
function loaderOf(head: Buffer): string | undefined {
  const is64 = head[4] === 2;
  if (head.length < 64) {
    return undefined;
  }
  const start = is64 ? Number(head.readBigUInt64LE(32)) : head.readUInt32LE(28);
  const size = head.readUInt16LE(is64 ? 54 : 42);
  const count = head.readUInt16LE(is64 ? 56 : 44);
  for (let at = start; at < start + size * count && at + 40 <= head.length; at += size) {
    if (size === 0) {
      return undefined;
    }
    if (head.readUInt32LE(at) !== PT_INTERP) {
      continue;
    }
    const offset = is64 ? Number(head.readBigUInt64LE(at + 8)) : head.readUInt32LE(at + 4);
    const end = head.indexOf(0, offset);
    return end < 0 ? undefined : head.subarray(offset, end).toString("utf8");
  }
  return undefined;
}

/** All files that run along with one: the script's interpreter, that one's loader … with their links followed. */
export function interpretersOf(
  path: string,
  head: (path: string) => Buffer,
  follow: (path: string) => string,
): readonly string[] {
  const found: string[] = [];
  let current = path;
  for (let level = 0; level < MOST_LEVELS; level++) {
    const next = interpreterOf(head(current));
    if (next === undefined) {
      break;
    }
    current = follow(next);
    found.push(current);
  }
  return found;
}
