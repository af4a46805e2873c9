/**
 * MountAPIVFS=. Facts: systemd.exec(5); that it makes no mount namespace by itself but brings BindLogSockets= along, which
 * does: systemd's execute.c, and measured on systemd 257. What it mounts stands in sandbox.ts, for other directives imply it.
 */
import { choiceDirective } from "../_choice.ts";
import { type Directive, never } from "../directive.ts";

type Value = "yes" | "" | "no";

/** Since this version it brings BindLogSockets= along. */
export const LOG_SOCKETS_SINCE = 257;

/** From this version on `no` is heeded behind another root; that 247 shows them all the same is measured. */
export const NO_SINCE = 248;

/** The file systems that the kernel itself offers. */
export const mountApiVfs: Directive<Value> = choiceDirective<Value>({
  name: "MountAPIVFS",
  since: 233,
  group: "files",
  summary: "Gives the service /proc, /sys, /dev and /run where RootDirectory= or RootImage= has none.",
  breaks: "Nothing; with no, programs that look into /proc or open /dev/null fail behind another root.",
  implies: (value, { systemd }) => (value === "yes" && systemd >= LOG_SOCKETS_SINCE ? ["BindLogSockets=yes"] : []),
  requires: [],
  ineffective: [
    "Without another root it shows what is there anyway, and ends a read-only or noexec / at /proc, /dev, /sys and /run.",
    "Behind another root no is not heeded by systemd 247.",
    "no is not heeded beside ProtectProc=, ProtectKernelTunables= and others that need these mounts.",
  ],
  values: ["yes", "", "no"],
  initial: "",
  walls: () => [],
  ladder: never("It only grants access, and closes nothing."),
});
