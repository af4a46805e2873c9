/** ProtectControlGroups=. Facts: systemd.exec(5), cgroup_namespaces(7); the fresh cgroup file system measured on systemd 257. */
import { setting } from "../../sandbox/origin.ts";
import { choiceDirective } from "../_choice.ts";
import { mountWall, READ_ONLY } from "../_mount.ts";
import type { Directive } from "../directive.ts";

type Value = "strict" | "private" | "yes" | "no";

/** The tree of cgroups is read-only, or only the service's own part of it is seen. */
export const protectControlGroups: Directive<Value> = choiceDirective<Value>({
  name: "ProtectControlGroups",
  since: 232,
  group: "kernel",
  summary: "Keeps the service from moving processes, freezing others or lifting its limits through cgroups.",
  breaks: "Container managers and programs that make cgroups of their own.",
  weight: 1000,
  implies: (value) => (value === "no" ? [] : ["MountAPIVFS=yes", "PrivateMounts=yes"]),
  requires: [],
  ineffective: ["private and strict fall back to no and yes without a unified cgroup hierarchy."],
  values: ["strict", "private", "yes", "no"],
  initial: "no",
  newer: { strict: 257, private: 257 },
  // private shows less but lets write to it, yes shows all but lets write nothing: only strict does both.
  meet: (a, b) => {
    if (a === "no" || b === "no") {
      return a === "no" ? b : a;
    }
    return a === b ? a : "strict";
  },
  impliesApiMounts: true,
  walls: (value) => {
    const by = setting("ProtectControlGroups", value);
    if (value === "no") {
      return [];
    }
    if (value === "yes") {
      return [mountWall(by, "/sys/fs/cgroup", READ_ONLY)];
    }
    return [
      { kind: "namespace", by, namespace: "cgroup" },
      mountWall(by, "/sys/fs/cgroup", { kind: "cgroup", readOnly: value === "strict" }),
    ];
  },
  ladder: () => {
    const reason = "was not seen to manage cgroups";
    return [
      { value: "strict", reason },
      { value: "yes", reason },
    ];
  },
});
