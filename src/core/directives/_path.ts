/** One path as systemd writes it. Facts: systemd.exec(5); measured. */

/** An absolute path as systemd simplifies it; undefined when it would be refused. */
export function simplifyPath(path: string): string | undefined {
  if (!path.startsWith("/")) {
    return undefined;
  }
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.includes("..") ? undefined : `/${parts.join("/")}`;
}
