import { expect, test } from "vitest";
import { guardedCapabilities, hardwareGuard } from "./hardware.ts";

test("nothing in a box has what reaches the machine, but for boxes in which only attacks run", () => {
  const six = ["CAP_SYS_MODULE", "CAP_SYS_TIME", "CAP_SYS_RAWIO", "CAP_SYS_BOOT", "CAP_SYS_RESOURCE", "CAP_MAC_ADMIN"];
  expect(guardedCapabilities({ allowHost: [], network: "private", attacks: false })).toEqual(six);
  expect(guardedCapabilities({ allowHost: [], network: "private", attacks: true })).toEqual([]);
  expect(guardedCapabilities({ allowHost: [], network: "host", attacks: true })).toEqual(["CAP_NET_ADMIN"]);
});

test("there four capabilities and devices are taken from every kind of unit that runs programs", () => {
  const files = hardwareGuard({ allowHost: [], network: "private", attacks: true, devices: ["/dev/fuse"] });
  expect([...files.keys()]).toEqual(
    ["service", "socket", "mount", "swap"].map((kind) => `system/${kind}.d/zzzz-cloison-hardware.conf`),
  );
  expect(files.get("system/socket.d/zzzz-cloison-hardware.conf")).toBe(
    "[Socket]\nCapabilityBoundingSet=~CAP_SYS_MODULE CAP_SYS_TIME CAP_SYS_RAWIO CAP_SYS_BOOT\n" +
      "DevicePolicy=closed\nDeviceAllow=\nDeviceAllow=/dev/fuse rw\n",
  );
});

test("each part can be allowed, all of them leave nothing; a shared network takes one more", () => {
  expect(guardedCapabilities({ allowHost: ["clock"], network: "private", attacks: false })).not.toContain(
    "CAP_SYS_TIME",
  );
  expect(guardedCapabilities({ allowHost: [], network: "host", attacks: false })).toContain("CAP_NET_ADMIN");
  const clockOnly = hardwareGuard({
    allowHost: ["modules", "raw-io", "boot", "devices"],
    network: "private",
    attacks: true,
    devices: [],
  });
  expect(clockOnly.get("system/service.d/zzzz-cloison-hardware.conf")).toBe(
    "[Service]\nCapabilityBoundingSet=~CAP_SYS_TIME\n",
  );
  const all = hardwareGuard({
    allowHost: ["modules", "clock", "raw-io", "boot", "devices"],
    network: "private",
    attacks: true,
    devices: [],
  });
  expect(all.size).toBe(0);
});
