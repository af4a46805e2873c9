/** MountFlags=. Facts: systemd.exec(5), mount_namespaces(7); which values make a namespace: systemd's execute.c. */
import { setting } from "../../sandbox/origin.ts";
import { choiceDirective } from "../_choice.ts";
import { type Directive, never } from "../directive.ts";

type Value = "private" | "slave" | "shared" | "";

/** Whether mounts that come later are seen on the other side. */
export const mountFlags: Directive<Value> = choiceDirective<Value>({
  name: "MountFlags",
  since: 1,
  group: "files",
  summary:
    "Says whether the service's mounts are passed on to namespaces below it, and with private also whether the machine's later ones reach it.",
  breaks: "With private: services that need file systems mounted after their start.",
  implies: (value) => (value === "private" || value === "slave" ? ["PrivateMounts=yes"] : []),
  requires: [],
  ineffective: ["shared does nothing by itself.", "Mounts never go out of the service's namespace, whatever it says."],
  values: ["private", "slave", "shared", ""],
  initial: "",
  walls: (value) =>
    value === "private" || value === "slave"
      ? [{ kind: "namespace", by: setting("MountFlags", value), namespace: "mnt" }]
      : [],
  ladder: never(
    "PrivateMounts= closes the same way out; with private the service would miss what is mounted later, which no workload shows.",
  ),
});
