/** Absolute paths as text, without asking any file system. Facts: path_resolution(7). */

/** A path without repeated and trailing slashes; `.` and `..` stay, since a symbolic link may precede them. */
export function plainPath(path: string): string {
  const plain = path.replace(/\/+/g, "/");
  return plain.length > 1 && plain.endsWith("/") ? plain.slice(0, -1) : plain;
}

/** The plain path of what may be named below /var/run, which is a link to /run on every machine with systemd. */
export function underRun(path: string): string {
  return plainPath(path.replace(/^\/var\/run(?=\/)/, "/run"));
}

/**
 * Whether a plain path is a directory or lies below it.
 *
 * @example
 * import { isWithin } from "cloison";
 * import assert from "node:assert";
 * assert.ok(isWithin("/var/lib", "/var") && isWithin("/var", "/var") && isWithin("/var", "/"));
 * assert.ok(!isWithin("/variety", "/var"));
 */
export function isWithin(path: string, directory: string): boolean {
  if (directory === "/") {
    return path.startsWith("/");
  }
  return path === directory || path.startsWith(`${directory}/`);
}

/** The paths that lie in no other of them, each once. */
export function outermost(paths: Iterable<string>): readonly string[] {
  const all = [...new Set(paths)];
  return all.filter((path) => !all.some((other) => other !== path && isWithin(path, other)));
}

/** A path as a part of a regular expression. */
export function patternOfPath(path: string): string {
  return path.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** The directory that holds a plain path; that of `/` is `/`. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 1));
}
