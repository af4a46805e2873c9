/** Instances of a template: run from the template's file, and scored with their own drop-in. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { readTarget } from "../../src/cli/target.ts";
import { bootBox } from "../../src/engines/box/box.ts";
import { lookAtFiles } from "../../src/engines/life/file-findings.ts";
import { type CommandLine, commandLine, complaint } from "./fixtures/command-line.ts";

let cli: CommandLine;

beforeAll(() => {
  cli = commandLine();
  cli.file("app@.service", "[Service]\nExecStart=/bin/sh -c 'mkdir /var/lib/app-%i; sleep infinity'\n");
  cli.file("app@.service.d/user.conf", "[Service]\nPrivateTmp=yes\n");
});
afterAll(() => cli.remove());

test("an instance runs from the file of its template beside it", async () => {
  const words = ["observe", "./app@blue.service", "--workload", "true"];
  const end = await cli.run(words);
  expect(end.status, complaint(end)).toBe(0);
  expect(JSON.parse(end.stdout).unit).toBe("app@blue.service");
  expect(end.stdout).toContain("/var/lib/app-blue");
});

test("the exposure of an instance is that of its own drop-in", async () => {
  const target = await readTarget(`${cli.directory}/app@blue.service`);
  const rehearsed = { target, workload: undefined, companions: [], box: {} };
  const { exposure } = await lookAtFiles(rehearsed, "[Service]\nNoNewPrivileges=yes\nPrivateDevices=yes\n");
  expect(exposure.after).toBeLessThan(exposure.before);
  // What systemd says of the same lines in a unit that is no instance.
  const box = await bootBox();
  const lines = "[Service]\nExecStart=/bin/sh -c 'sleep infinity'\nPrivateTmp=yes\n";
  const score = async (text: string): Promise<number> => {
    await box.run(["rm", "-rf", "/run/systemd/system/service.d"]);
    await box.writeFile("/etc/systemd/system/plain.service", text);
    const { stdout } = await box.run([
      "systemd-analyze",
      "security",
      "--offline=true",
      "--no-pager",
      "/etc/systemd/system/plain.service",
    ]);
    return Number(/exposure level for .*: (\d+\.\d+)/.exec(stdout)?.[1]);
  };
  try {
    expect(exposure.before).toBe(await score(lines));
    expect(exposure.after).toBe(await score(`${lines}NoNewPrivileges=yes\nPrivateDevices=yes\n`));
  } finally {
    await box.down();
  }
});
