/**
 * DevicePolicy=, with the lists that DeviceAllow= and other directives add to it.
 * Facts: systemd.resource-control(5); what closed leaves and what ProtectClock= adds, measured on systemd 257
 * and 247: its `DeviceAllow=char-rtc r` is a list of its own before 252 (unit_patch_contexts() in src/core/unit.c).
 */
import { setting } from "../../sandbox/origin.ts";
import type { DeviceRule } from "../../sandbox/wall.ts";
import { choiceDirective } from "../_choice.ts";
import { type Directive, ladderOf, type UnitFacts } from "../directive.ts";
import { extensionImages } from "../files/extension-images.ts";
import { mountImages } from "../files/mount-images.ts";
import { rootImage } from "../files/root-image.ts";
import { protectClock } from "../kernel/protect-clock.ts";
import { CLOSED, OF_IMAGES, rulesOfEntry } from "./_device-list.ts";
import { deviceAllow } from "./device-allow.ts";
import { privateDevices } from "./private-devices.ts";

type Value = "strict" | "closed" | "auto";

/** From this version on ProtectClock= adds its device only to a list that there is. */
const CLOCK_ONLY_ADDS_SINCE = 252;

/** Whether systemd needs devices to mount images; the service may open them as well (unit_patch_contexts()). */
function mountsImages({ valueOf: read }: UnitFacts): boolean {
  return read(rootImage) !== "" || read(mountImages).length > 0 || read(extensionImages).length > 0;
}

function listed(facts: UnitFacts): readonly DeviceRule[] {
  const clock = facts.valueOf(protectClock) ? [{ device: "char-rtc", access: "r" }] : [];
  const own = [...facts.valueOf(deviceAllow), ...clock].flatMap((entry) => rulesOfEntry(entry, facts));
  return mountsImages(facts) ? [...own, ...OF_IMAGES] : own;
}

/** Which devices may be opened, whatever nodes there are: the cgroup's list. */
export const devicePolicy: Directive<Value> = choiceDirective<Value>({
  name: "DevicePolicy",
  since: 208,
  group: "devices",
  summary: "Lets the service open no device but the harmless pseudo-devices, or only those in DeviceAllow=.",
  breaks: "Services that use a disk, a serial line, a GPU or /dev/fuse.",
  broke: [
    {
      sentence: "polkit with strict lost the devices that PrivateDevices= leaves.",
      reference: "polkit-org/polkit@4956a77",
    },
  ],
  weight: 1000,
  requires: ["device-filter"],
  ineffective: ["It does nothing where systemd may not load BPF programs into cgroups, as in many containers."],
  values: ["strict", "closed", "auto"],
  initial: "auto",
  walls: (value, facts) => {
    if (value === "strict") {
      return [{ kind: "devices", by: setting("DevicePolicy", "strict"), allow: listed(facts) }];
    }
    const allow = [...CLOSED, ...listed(facts)];
    if (value === "closed") {
      return [{ kind: "devices", by: setting("DevicePolicy", "closed"), allow }];
    }
    if (facts.valueOf(privateDevices)) {
      return [{ kind: "devices", by: setting("PrivateDevices", "yes"), allow }];
    }
    const first = facts.valueOf(deviceAllow)[0];
    if (first !== undefined) {
      return [{ kind: "devices", by: setting("DeviceAllow", first.device), allow }];
    }
    const clock = facts.systemd < CLOCK_ONLY_ADDS_SINCE && facts.valueOf(protectClock);
    return clock ? [{ kind: "devices", by: setting("ProtectClock", "yes"), allow }] : [];
  },
  ladder: (situation) => {
    const more = situation.unit.valueOf(deviceAllow).length > 0 || ladderOf(deviceAllow, situation).length > 0;
    const devices = more ? "the pseudo-devices and those in DeviceAllow=" : "the pseudo-devices";
    return [
      {
        value: "strict",
        reason: "was seen to use no device at all",
        withheld: "It takes /dev/null and its kin as well, which any library may open.",
      },
      { value: "closed", reason: `was seen to use no device but ${devices}` },
    ];
  },
});
