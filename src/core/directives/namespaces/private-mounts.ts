/** PrivateMounts=. Facts: systemd.exec(5), mount_namespaces(7). Unset is not the same as no: see PrivateNetwork=. */
import { setting } from "../../sandbox/origin.ts";
import { choiceDirective } from "../_choice.ts";
import type { Directive } from "../directive.ts";

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
