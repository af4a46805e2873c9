/** Listens to what the kernel says of devices, and reads nothing. Facts: netlink(7), NETLINK_KOBJECT_UEVENT; udev(7). */
import { ADDRESS_FAMILIES } from "../../kernel/address-family.ts";
import { littleEndian } from "../../kernel/bytes.ts";
import { bytes, call, number, resultOf, step } from "../act.ts";
import { netlinkStep, withoutProtocol } from "../netlink.ts";
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
    const address = [
      ...[...littleEndian(ADDRESS_FAMILIES.AF_NETLINK, 2), 0, 0, ...littleEndian(0, 4)],
      ...littleEndian(KERNELS_GROUP, 4),
    ];
    return (
      withoutProtocol(machine, "uevent") ?? [
        netlinkStep("uevent"),
        step("bind", call("bind", resultOf("socket"), bytes(address), number(address.length))),
      ]
    );
  },
};
