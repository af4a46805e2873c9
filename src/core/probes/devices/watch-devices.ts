/** Listens to what the kernel says of devices, and reads nothing. Facts: netlink(7), NETLINK_KOBJECT_UEVENT; udev(7). */
import { bytes, call, number, resultOf, step } from "../act.ts";
import { netlinkAddress, netlinkStep, withoutProtocol } from "../netlink.ts";
import type { Probe } from "../probe.ts";

/** What the kernel itself says. */
const KERNELS_GROUP = 1;

/** The attack: watch devices come and go. */
export const watchDevices: Probe = {
  id: "watch-devices",
  title: "watch devices come and go",
  gain: "Which disks, keys and networks are plugged in, and when.",
  goals: ["spy-or-stop"],
  steps: (machine) => {
    const address = netlinkAddress(KERNELS_GROUP);
    return (
      withoutProtocol(machine, "uevent") ?? [
        netlinkStep("uevent"),
        step("bind", call("bind", resultOf("socket"), bytes(address), number(address.length))),
      ]
    );
  },
};
