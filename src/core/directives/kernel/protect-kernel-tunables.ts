/** ProtectKernelTunables=. Facts: systemd.exec(5); mount table and filter measured on systemd 257. */
import { setting } from "../../sandbox/origin.ts";
import { booleanDirective, worthTrying } from "../_boolean.ts";
import { refuseCalls } from "../_filter.ts";
import { INACCESSIBLE, KEEP, mountWalls, READ_ONLY } from "../_mount.ts";
import type { Directive } from "../directive.ts";

const BY = setting("ProtectKernelTunables", "yes");

const PROC = ["acpi", "apm", "asound", "bus", "fs", "irq", "latency_stats", "mtrr", "scsi", "sys", "sysrq-trigger"];

/** The switches of the kernel below /proc and /sys can be read at most. */
export const protectKernelTunables: Directive<boolean> = booleanDirective({
  name: "ProtectKernelTunables",
  since: 232,
  group: "kernel",
  summary: "Makes the kernel's switches in /proc/sys, /sys and the like read-only.",
  breaks: "Programs that set sysctls, or write to files below /sys, when they start.",
  broke: [
    {
      sentence:
        "unbound could not set so-rcvbuf and so-sndbuf; it was removed, slipped in again and was removed again.",
      reference: "NLnetLabs/unbound@ff8fd0be5",
    },
    {
      sentence: "lldpd could not switch off LLDP in the firmware of Intel X7xx cards.",
      reference: "lldpd/lldpd@a74fd8ca",
    },
    {
      sentence: "USBGuard could not authorise devices, which it does by writing to /sys.",
      reference: "USBGuard/usbguard#231",
    },
  ],
  weight: 1000,
  implies: (value) => (value ? ["MountAPIVFS=yes", "PrivateMounts=yes"] : []),
  requires: [],
  ineffective: ["Network switches can still be changed through netlink by whoever has CAP_NET_ADMIN."],
  impliesApiMounts: true,
  walls: () => [
    ...mountWalls(BY, READ_ONLY, ...[...PROC, "timer_stats"].map((name) => `-/proc/${name}`)),
    ...mountWalls(BY, INACCESSIBLE, "-/proc/kallsyms", "-/proc/kcore"),
    ...mountWalls(BY, READ_ONLY, "/sys", "-/sys/fs/bpf", "-/sys/kernel/debug", "-/sys/kernel/tracing"),
    ...mountWalls(BY, KEEP, "/sys/fs/cgroup", "-/sys/fs/selinux"),
  ],
  filter: { turn: 70, walls: (facts) => [refuseCalls(BY, ["_sysctl"], "EPERM", facts)] },
  ladder: worthTrying("was not seen to write to the kernel's switches"),
});
