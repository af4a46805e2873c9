/** PrivateMounts=. Facts: systemd.exec(5), mount_namespaces(7). Unset is not the same as no: see PrivateNetwork=. */

import type { WallOrigin } from "../../sandbox/origin.ts";
import { setting } from "../../sandbox/origin.ts";
import { choiceDirective } from "../_choice.ts";
import { mountWall } from "../_mount.ts";
import type { Directive, PlainWall, UnitFacts } from "../directive.ts";

type Value = "yes" | "" | "no";

/** Mounts that the service makes are seen by the service alone. */
export const privateMounts: Directive<Value> = choiceDirective<Value>({
  name: "PrivateMounts",
  since: 239,
  group: "namespaces",
  summary: "Gives the service a mount namespace, so that what it mounts is not seen outside.",
  breaks: "Services that mount file systems for others.",
  weight: 1000,
  requires: [],
  ineffective: ["It alone hides nothing."],
  values: ["yes", "", "no"],
  initial: "",
  walls: (value) =>
    value === "yes" ? [{ kind: "namespace", by: setting("PrivateMounts", "yes"), namespace: "mnt" }] : [],
  ladder: () => [{ value: "yes", reason: "was not seen to mount anything for others" }],
});

/**
 * From this version on a network namespace brings a mount namespace, unless PrivateMounts=no, and in it a sysfs that shows that
 * network (NEWS of systemd 254; that 247 and 252 do neither, measured).
 */
export const NETWORK_MOUNTS_SINCE = 254;

/** The sysfs of a network namespace, where one is mounted. */
export function networkMounts(by: WallOrigin, facts: UnitFacts): readonly PlainWall[] {
  const mounts = facts.valueOf(privateMounts) !== "no" || facts.mountNamespace;
  return facts.systemd >= NETWORK_MOUNTS_SINCE && mounts
    ? [mountWall(by, "/sys", { kind: "fresh", filesystem: "sysfs" })]
    : [];
}
