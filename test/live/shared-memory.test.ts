/**
 * A shared memory of a service's own: what glibc does to make shared memory and semaphores works there, for a user too, and what others
 * keep is not there. Tests src/core/directives/files/temporary-file-system.ts.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFileSystem } from "../../src/core/directives/files/temporary-file-system.ts";
import { type Box, bootBox } from "../../src/engines/box/box.ts";

let box: Box;
beforeAll(async () => {
  box = await bootBox();
});
afterAll(async () => {
  await box?.down();
});

const [line = ""] = temporaryFileSystem.print(
  [{ target: "/dev/shm", optional: false, options: ["mode=1777", "noexec", "nosuid", "size=50%"] }],
  [],
  "x86_64",
);

/** What shm_open(3) and sem_open(3) ask for: a new file, and a name of it that is made last; then whether the other's is there. */
const SCRIPT = `set -eC
: >/dev/shm/memory; echo data >/dev/shm/made; ln /dev/shm/made /dev/shm/sem.made; rm /dev/shm/made
[ "$(cat /dev/shm/sem.made)" = data ]
[ ! -e /dev/shm/others ] || exit 7`;

async function statusOf(name: string, lines: readonly string[]): Promise<string | undefined> {
  const unit = [
    "[Service]",
    "Type=oneshot",
    "User=nobody",
    "PrivateDevices=yes",
    ...lines,
    "ExecStart=/bin/sh /run/script",
  ];
  await box.writeFile(`/run/systemd/system/${name}.service`, `${unit.join("\n")}\n`);
  await box.systemctl("daemon-reload");
  await box.systemctl("start", `${name}.service`);
  return (await box.showProperties(`${name}.service`, ["ExecMainStatus"])).get("ExecMainStatus");
}

test("a service makes shared memory and semaphores in it, and does not see those of others", async () => {
  await box.writeFile("/run/script", SCRIPT, 0o755);
  await box.run(["sh", "-c", "echo theirs >/dev/shm/others"]);
  expect(line).toBe("/dev/shm:mode=1777,noexec,nosuid,size=50%");
  expect(await statusOf("own", [`TemporaryFileSystem=${line}`])).toBe("0");
  expect(await statusOf("shared", [])).toBe("7");
  expect((await box.run(["ls", "/dev/shm"])).stdout.split("\n")).toEqual(
    expect.arrayContaining(["others", "sem.made"]),
  );
});
