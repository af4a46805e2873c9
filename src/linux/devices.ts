/**
 * The devices that DeviceAllow= means on this machine: those of a node's path, or `char-NAME` and `block-NAME` for all
 * devices of the drivers whose name in /proc/devices matches. Facts: systemd.resource-control(5), fnmatch(3).
 */
import { lookIn, readIn, resolveIn } from "./beneath.ts";

/** Devices by number; `*` stands for any. */
export interface DeviceRange {
  readonly type: "char" | "block";
  readonly major: number | "*";
  readonly minor: number | "*";
}

/** Looks devices up below a root directory (`""` for the machine's own); the lookup gives undefined if there is no such node. */
export function deviceLookup(root: string): (specifier: string) => readonly DeviceRange[] | undefined {
  return (specifier) => {
    const group = /^(char|block)-(.+)$/.exec(specifier);
    if (group !== null) {
      const type = group[1] === "block" ? "block" : "char";
      const majors = majorsOf(
        readIn(root, "/proc/devices", MOST_DRIVERS)?.toString("utf8") ?? "",
        type,
        group[2] ?? "",
      );
      return majors.map((major) => ({ type, major, minor: "*" }));
    }
    return specifier.startsWith("/") ? nodeAt(root, specifier) : undefined;
  };
}

const MOST_DRIVERS = 1 << 20;

/** The major numbers of the drivers whose name matches, from the text of /proc/devices. */
export function majorsOf(text: string, type: "char" | "block", pattern: string): readonly (number | "*")[] {
  if (pattern === "*") {
    return ["*"];
  }
  const [characters = "", blocks = ""] = text.split("Block devices:");
  const name = expressionOf(pattern);
  const lines = (type === "char" ? characters : blocks).matchAll(/^\s*(\d+) (\S+)$/gm);
  return [...lines].filter(([, , driver = ""]) => name.test(driver)).map(([, major]) => Number(major));
}

/** One part of a shell pattern: a set, whose first character may be `]`; a backslash with what it quotes; any character. */
const PART = /\[(!?)(\]?[^\]]*)\]|\\(.)|([\s\S])/g;

/** A shell pattern as a regular expression. A `[` that nothing closes stands for itself; a range that is none matches nothing. */
function expressionOf(pattern: string): RegExp {
  const parts = [...pattern.matchAll(PART)].map(([, not, set, quoted, character = ""]) => {
    if (set !== undefined) {
      return `[${not === "!" ? "^" : ""}${set.replace(/[\\\]^[]/g, "\\$&")}]`;
    }
    if (quoted === undefined && (character === "*" || character === "?")) {
      return character === "*" ? ".*" : ".";
    }
    return (quoted ?? character).replace(/[.+*?^${}()|[\]\\]/g, "\\$&");
  });
  try {
    return new RegExp(`^${parts.join("")}$`);
  } catch {
    return /(?!)/;
  }
}

function nodeAt(root: string, path: string): readonly DeviceRange[] | undefined {
  const stats = lookIn(root, resolveIn(root, path))?.stats;
  if (stats === undefined || !(stats.isCharacterDevice() || stats.isBlockDevice())) {
    return undefined;
  }
  return [{ type: stats.isBlockDevice() ? "block" : "char", ...numbersOf(stats.rdev) }];
}

/** Splits dev_t as user space sees it: of the minor number, the low 8 bits lie below the major one, the rest above it. */
export function numbersOf(device: number): { readonly major: number; readonly minor: number } {
  const word = BigInt(device);
  const major = ((word >> 8n) & 0xfffn) | ((word >> 32n) & 0xfffff000n);
  const minor = (word & 0xffn) | ((word >> 12n) & 0xffffff00n);
  return { major: Number(major), minor: Number(minor) };
}
