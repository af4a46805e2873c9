import { expect, test } from "vitest";
import { parseMountinfo } from "../../linux/mountinfo.ts";
import { placeMounts } from "./mounts.ts";

let id = 100;
const mount = (target: string, type: string, flags = "rw", superOptions = "rw") =>
  `${++id} 1 0:${id} / ${target} ${flags} - ${type} source ${superOptions}`;
const place = (...lines: string[]) =>
  placeMounts(parseMountinfo(["1 0 8:1 / / rw - ext4 /dev/root rw", ...lines].join("\n")), (path) =>
    path.endsWith(".conf"),
  );

test("what can be a lower layer gets an overlay, with the flags that wall it off", () => {
  expect(place(mount("/var", "ext4", "rw,nosuid,nodev,relatime"), mount("/home", "btrfs"))).toEqual([
    { kind: "overlay", target: "/home", flags: [] },
    { kind: "overlay", target: "/var", flags: ["nosuid", "nodev"] },
  ]);
});

test("what cannot is shown read-only with the reason, what is read-only anyway without", () => {
  for (const type of ["vfat", "fuse.sshfs", "fuseblk", "overlay"]) {
    expect(place(mount("/boot/efi", type))).toEqual([
      { kind: "read-only", target: "/boot/efi", reason: `${type} cannot be a lower layer of an overlay` },
    ]);
  }
  expect(place(mount("/snap/x", "squashfs", "ro,nodev"))).toEqual([
    { kind: "read-only", target: "/snap/x", reason: undefined },
  ]);
});

test("autofs is not touched, nor anything below it; kernel file systems elsewhere are left out", () => {
  const placed = place(mount("/net", "autofs"), mount("/net/host", "nfs4"), mount("/chroot/proc", "proc"));
  expect(placed.map((each) => [each.kind, each.target])).toEqual([
    ["absent", "/chroot/proc"],
    ["absent", "/net"],
  ]);
});

test("mounts of single files are copied; what a box makes fresh is its own", () => {
  expect(place(mount("/etc/resolv.conf", "ext4"))).toEqual([{ kind: "file", target: "/etc/resolv.conf" }]);
  expect(
    place(
      mount("/proc", "proc"),
      mount("/sys/fs/cgroup", "cgroup2"),
      mount("/run/user/0", "tmpfs"),
      mount("/tmp", "tmpfs"),
    ),
  ).toEqual([]);
});
