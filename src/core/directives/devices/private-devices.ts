/** PrivateDevices=. Facts: systemd.exec(5); the content of its /dev, drops and filter measured on systemd 257. */

import { expandGroup } from "../../kernel/syscalls/groups.ts";
import { setting } from "../../sandbox/origin.ts";
import { booleanDirective, worthTrying } from "../_boolean.ts";
import { dropCapabilities } from "../_capabilities.ts";
import { refuseCalls } from "../_filter.ts";
import { mountWall } from "../_mount.ts";
import type { Directive } from "../directive.ts";

const BY = setting("PrivateDevices", "yes");

/** A /dev without hardware. DevicePolicy= closes the list of devices along with it. */
export const privateDevices: Directive<boolean> = booleanDirective({
  name: "PrivateDevices",
  since: 209,
  group: "devices",
  summary: "Gives the service a /dev with nothing but null, zero, full, random, urandom, tty and pseudo-terminals.",
  breaks: "Services that use hardware, /dev/fuse, /dev/net/tun or /dev/kmsg.",
  broke: [
    { sentence: "dnsmasq lost its log; it was dropped.", reference: "bsc#902511" },
    {
      sentence:
        "polkit's agent helper could not ask a FIDO token, which is /dev/hidraw*, nor find key files behind ProtectHome=.",
      reference: "NixOS/nixpkgs nixos/modules/security/polkit.nix",
    },
  ],
  weight: 1000,
  implies: (value) =>
    value ? ["CapabilityBoundingSet=~CAP_MKNOD CAP_SYS_RAWIO", "DevicePolicy=closed", "PrivateMounts=yes"] : [],
  requires: [],
  ineffective: [],
  walls: () => [mountWall(BY, "/dev", { kind: "devices" }), dropCapabilities(BY, "CAP_MKNOD", "CAP_SYS_RAWIO")],
  filter: { turn: 110, walls: (facts) => [refuseCalls(BY, expandGroup("@raw-io"), "EPERM", facts)] },
  ladder: worthTrying("was seen to use no device but the pseudo-devices"),
});
