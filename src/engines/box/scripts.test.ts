/** The scripts are run for real by the live tests; here: hostile words stay words, and sh finds no fault. */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { guardScript } from "./guard-script.ts";
import { type InitPlan, initScript } from "./init-script.ts";

const hostile = "/data/a 'b' $(touch /pwned) `id`\n;rm -rf x";
const plan: InitPlan = {
  containerName: "cloison",
  base: "/run/cloison",
  imageFd: 3,
  managerFd: 5,
  lowest: "/var/cache/root of another",
  root: { layers: ["/var/cache/layer one"], aside: true },
  placements: [
    { placement: { kind: "overlay", target: hostile, flags: ["nodev"] }, layered: { layers: [], aside: false } },
    { placement: { kind: "read-only", target: hostile, reason: "vfat" }, layered: { layers: [], aside: false } },
    { placement: { kind: "file", target: hostile }, layered: { layers: [], aside: false } },
  ],
  bindReadOnly: [{ source: hostile, target: hostile, file: false }],
  emptied: [hostile],
  network: "private",
  addresses: ["169.254.169.254/32"],
  devices: [["fuse", 10, 229, "666"]],
  resolver: "nameserver 192.0.2.1\n# it's 'quoted' $(id)\n",
  keeper: Uint8Array.from({ length: 1500 }, (_, index) => index % 256),
  runFiles: new Map([["system/x.service", "[Unit]\nDescription=it's\n"]]),
};

const checks = (script: string) => execFileSync("sh", ["-n", "-c", script], { encoding: "utf8", stdio: "pipe" });

test("both scripts parse, with hostile names in every place", () => {
  const init = initScript(plan);
  expect(checks(init)).toBe("");
  const guard = {
    cgroup: `/sys/fs/cgroup${hostile}`,
    oldCgroups: [`/sys/fs/cgroup/cpu${hostile}`],
    network: "private" as const,
    imageBytes: 1 << 30,
    memoryBytes: 1 << 30,
  };
  const handed = { initFd: 4, managerFd: 5, cgroupFd: 6 };
  expect(checks(guardScript({ ...guard, ...handed, scope: undefined, imageFd: 3 }))).toBe("");
  expect(checks(guardScript({ ...guard, ...handed, scope: "cloison-1-2-ab", imageFd: undefined }))).toBe("");
});
