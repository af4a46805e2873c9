/** The part of the drop-in that gives a service its user, as text: it stands before the walls. Facts: systemd.syntax(7). */
import { commentText } from "../synthesis/print.ts";
import type { OwnLine } from "./own-user.ts";

/** The lines, each under its reason, without a section header. */
function ownLinesText(lines: readonly OwnLine[]): string {
  return lines
    .map(({ name, values, reason }) =>
      [`# ${commentText(reason)}`, ...values.map((value) => `${name}=${value}`)].join("\n"),
    )
    .join("\n\n");
}

/** A drop-in with nothing but these lines. */
export function ownUserDropIn(lines: readonly OwnLine[]): string {
  return `[Service]\n${ownLinesText(lines)}\n`;
}

/** The whole drop-in: the lines stand at the top of the section that the walls are in. */
export function withOwnUser(walls: string, lines: readonly OwnLine[]): string {
  return walls.replace("\n[Service]\n", () => `\n[Service]\n${ownLinesText(lines)}\n\n`);
}
