import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseSystemdVersion, systemdVersion, systemdVersionBelow } from "./systemd-version.ts";

test("parseSystemdVersion reads Debian's, upstream's and a development version", () => {
  expect(
    parseSystemdVersion("systemd 257 (257.13-1~deb13u1)\n+PAM -BPF_FRAMEWORK +SECCOMP default-hierarchy=unified\n"),
  ).toEqual({
    version: 257,
    full: "257.13-1~deb13u1",
    features: ["+PAM", "-BPF_FRAMEWORK", "+SECCOMP"],
  });
  expect(parseSystemdVersion("systemd 219\n+PAM\n")).toMatchObject({ version: 219, full: "219" });
  expect(parseSystemdVersion("systemd 258~rc1 (258~rc1-1)\n")).toMatchObject({ version: 258, full: "258~rc1-1" });
  expect(parseSystemdVersion("runit 2")).toBeUndefined();
});

test("systemdVersion asks systemctl, and says what it did not understand", async () => {
  const answer = (stdout: string) => async () => ({ status: 0, signal: null, stdout, stderr: "", timedOut: false });
  expect((await systemdVersion(answer("systemd 252 (252.1)\n-BPF_FRAMEWORK"))).version).toBe(252);
  await expect(systemdVersion(answer("hello"))).rejects.toThrow("not understood: hello");
});

test("systemdVersionBelow: by the name of the shared library, links followed inside the root, none where there is none", () => {
  const root = mkdtempSync(join(tmpdir(), "cloison-version-"));
  try {
    expect(systemdVersionBelow(root)).toBeUndefined();
    mkdirSync(join(root, "usr/lib/x86_64-linux-gnu/systemd"), { recursive: true });
    symlinkSync("/usr/lib", join(root, "lib"));
    writeFileSync(join(root, "usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so"), "");
    expect(systemdVersionBelow(root)).toBe(252);
  } finally {
    rmSync(root, { recursive: true });
  }
});
