/** How programs run in a box: what they get, and what others on the machine see of it. The kernel is the judge. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, bootBox } from "../../src/engines/box/box.ts";

let box: Box;

beforeAll(async () => {
  box = await bootBox();
});

afterAll(() => box.down());

/** The arguments of every process of this machine, as any local user can read them. */
function argumentsOfAll(): string {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const read = (pid: string): string => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    } catch {
      return "";
    }
  };
  return pids.map(read).join("\n");
}

test("the environment reaches a program inside and no argument list on the way", async () => {
  const secret = `secret-${process.pid}-${Date.now()}`;
  const freezer = `${box.cgroup.replace(/box$/, "exec")}/cgroup.freeze`;
  writeFileSync(freezer, "1"); // whoever is about to become the program stops on its way, its arguments in sight
  const ran = box.run(["/bin/sh", "-c", 'printf "%s %s" "$TOKEN" "$HOME"'], { env: { TOKEN: secret } });
  try {
    await expect.poll(argumentsOfAll, { timeout: 5000 }).toContain('printf "%s %s" "$TOKEN"');
    for (let looks = 0; looks < 20; looks++) {
      expect(argumentsOfAll()).not.toContain(secret);
      await new Promise((wake) => setTimeout(wake, 10));
    }
  } finally {
    writeFileSync(freezer, "0");
  }
  expect(await ran).toMatchObject({ status: 0, stdout: `${secret} /root` });
});
