/** Where the drop-in of a unit lies, on the host as in a box. Facts: systemd.unit(5). */

/** The name of Cloison's drop-in: last by name, so that its lines win over those of other drop-ins. */
export const DROP_IN_NAME = "zz-cloison.conf";

/** The path of a unit's drop-in. */
export function dropInPath(unit: string): string {
  return `/etc/systemd/system/${unit}.d/${DROP_IN_NAME}`;
}

/** Where, in a box, lies what stands beneath a drop-in: read just before it. */
export function beneathPath(unit: string): string {
  return `/etc/systemd/system/${unit}.d/zy-cloison.conf`;
}

/** Whether a file of a unit is Cloison's drop-in. */
export function isOwnDropIn(path: string): boolean {
  return path.endsWith(`/${DROP_IN_NAME}`);
}

/** Every path where systemd would find a drop-in of that name for a unit, as its own or that of its template. */
export function ownDropIns(unit: string): readonly string[] {
  const names = [...new Set([unit, unit.replace(/@.*(?=\.service$)/, "@")])];
  const directories = ["/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system"];
  return directories.flatMap((directory) => names.map((name) => `${directory}/${name}.d/${DROP_IN_NAME}`));
}
