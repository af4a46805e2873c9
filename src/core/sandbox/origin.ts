/** What built a wall, as data, and the one way to write it for a person. */

/** What built a wall. */
export type WallOrigin =
  /** A setting of the unit. `note`: what comes with it, where the setting alone does not say it. */
  | { readonly kind: "setting"; readonly directive: string; readonly value: string; readonly note?: string }
  /** What systemd does where the unit sets nothing. */
  | { readonly kind: "default"; readonly directive: string; readonly value: string }
  /** The directories that systemd gives a unit: StateDirectory= and kin. */
  | { readonly kind: "directories" }
  /** The service itself, when it leaves root. */
  | { readonly kind: "service"; readonly uid: number };

/** The origin of a wall that a setting builds. */
export function setting(directive: string, value: string): Extract<WallOrigin, { readonly kind: "setting" }> {
  return { kind: "setting", directive, value };
}

/** The directive that built it; undefined where none did. */
export function directiveOf(origin: WallOrigin): string | undefined {
  return origin.kind === "setting" || origin.kind === "default" ? origin.directive : undefined;
}

/**
 * As a person would write it. Two origins are the same if they are written the same.
 *
 * @example
 * import { originText } from "cloison";
 * import assert from "node:assert";
 * assert.equal(originText({ kind: "setting", directive: "ProtectClock", value: "yes" }), "ProtectClock=yes");
 */
export function originText(origin: WallOrigin): string {
  switch (origin.kind) {
    case "setting":
      return `${origin.directive}=${origin.value}${origin.note === undefined ? "" : ` ${origin.note}`}`;
    case "default":
      return `${origin.directive}=${origin.value} (the default)`;
    case "directories":
      return "StateDirectory= and kin";
    case "service":
      return `the service's own change to uid ${origin.uid}`;
  }
}

/** Each once, in the order of their first appearance. */
export function distinctOrigins(origins: readonly WallOrigin[]): readonly WallOrigin[] {
  return [...new Map(origins.map((origin) => [originText(origin), origin])).values()];
}
