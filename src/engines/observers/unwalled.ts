/** Which programs of a unit its manager starts without any wall: Exec lines with `+`. Facts: systemd.service(5), `systemctl show`. */
import { EXEC_KEYS } from "../../core/unit/check.ts";
import type { Box } from "../box/contract.ts";

const EXEC_PROPERTIES: readonly string[] = EXEC_KEYS.map((key) => `${key}Ex`);

/** One Exec line as `systemctl show` prints it: the program, and whether it runs without walls. */
interface ExecLine {
  readonly path: string;
  readonly unwalled: boolean;
}

/** Reads the value of an Exec…Ex property: `{ path=/bin/sh ; argv[]=/bin/sh -c x ; flags=privileged ; … }`, one line each. */
export function execLinesOf(value: string): readonly ExecLine[] {
  return value.split("\n").flatMap((line) => {
    const path = /^\{ path=(.*?) ; argv\[\]=/.exec(line)?.[1];
    // argv may hold anything: the flags are the last ones.
    const flags = [...line.matchAll(/ ; flags=([a-z -]*) ; /g)].at(-1)?.[1];
    return path === undefined ? [] : [{ path, unwalled: (flags ?? "").split(/ +/).includes("privileged") }];
  });
}

/**
 * A function that recognises the programs which only ever run without walls. A program that also runs behind them (a
 * shell, often) counts as walled: what it does then needs the walls' leave.
 */
export async function unwalledPrograms(
  box: Box,
  unit: string,
  follow: (path: string) => string,
): Promise<(executable: string) => boolean> {
  // A template has no properties; what its instances do without walls counts as if it were behind them.
  if (unit.includes("@.")) {
    return () => false;
  }
  const properties = await box.showProperties(unit, EXEC_PROPERTIES);
  const lines = EXEC_PROPERTIES.flatMap((name) => execLinesOf(properties.get(name) ?? ""));
  const walled = new Set(lines.filter((line) => !line.unwalled).map(({ path }) => follow(path)));
  const without = lines.filter((line) => line.unwalled).map(({ path }) => follow(path));
  const programs = new Set(without.filter((path) => !walled.has(path)));
  return (executable) => programs.has(executable);
}
