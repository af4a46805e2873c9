/** PrivateBPF=. Facts: systemd.exec(5) of systemd 258, and its src/core/namespace.c. */
import { setting } from "../../sandbox/origin.ts";
import { booleanDirective } from "../_boolean.ts";
import { mountWall } from "../_mount.ts";
import { type Directive, never } from "../directive.ts";

const BY = setting("PrivateBPF", "yes");

/** Pinned programs and maps of others are out of sight; bpf(2) itself is another matter. */
export const privateBpf: Directive<boolean> = booleanDirective({
  name: "PrivateBPF",
  since: 258,
  kernel: "6.9",
  group: "kernel",
  summary: "Gives the service a BPF file system of its own, so that it sees none of the programs that others pinned.",
  breaks: "Programs that share pinned BPF objects with others.",
  requires: [],
  impliesApiMounts: true,
  ineffective: [
    "It takes no right to call bpf(2) away: that is what CAP_BPF and SystemCallFilter=~@privileged are about.",
  ],
  walls: () => [mountWall(BY, "/sys/fs/bpf", { kind: "fresh", filesystem: "bpf" })],
  ladder: never(
    "To see pinned objects needs root or CAP_BPF; who needs those for BPF shares what is pinned on purpose.",
  ),
});
