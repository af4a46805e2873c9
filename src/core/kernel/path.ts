/** Absolute paths as text, without asking any file system. Facts: path_resolution(7). */

/** A path without repeated and trailing slashes; `.` and `..` stay, since a symbolic link may precede them. */
export function plainPath(path: string): string {
  const plain = path.replace(/\/+/g, "/");
  return plain.length > 1 && plain.endsWith("/") ? plain.slice(0, -1) : plain;
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

/** The directory that holds a plain path; that of `/` is `/`. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 1));
}
