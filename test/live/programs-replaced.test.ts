/**
 * Programs that an upgrade replaces while a service runs that may execute nothing else. Tests src/core/directives/files/_runs.ts: why
 * the directories of programs are left open, and not the programs.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, bootBox } from "../../src/engines/box/box.ts";

const TOOL = "/usr/bin/cloison-tool";
const UNITS = {
  "by-directory": ["BindReadOnlyPaths=-/usr/bin", "BindReadOnlyPaths=-/usr/lib"],
  "by-file": [`ExecPaths=${TOOL} /usr/bin/dash /usr/bin/sleep /usr/lib`],
};
const RUN = `until [ -e /srv/go ]; do sleep 0.05; done; touch ${TOOL}-of-mine 2>/dev/null && exit 7; exec ${TOOL}`;

let box: Box;
beforeAll(async () => {
  box = await bootBox();
  await box.run(["cp", "/usr/bin/true", TOOL]);
  for (const [name, lines] of Object.entries(UNITS)) {
    const all = ["[Service]", "Type=exec", `ExecStart=/bin/sh -c "${RUN}"`, "ProtectSystem=strict", "NoExecPaths=/"];
    await box.writeFile(`/run/systemd/system/${name}.service`, `${[...all, ...lines].join("\n")}\n`);
  }
  await box.systemctl("daemon-reload");
  const started = await box.systemctl("start", ...Object.keys(UNITS).map((name) => `${name}.service`));
  expect(started.stderr).toBe("");
  // As dpkg does: under another name, then renamed.
  await box.run(["/bin/sh", "-c", `cp ${TOOL} ${TOOL}.dpkg-new; mv ${TOOL}.dpkg-new ${TOOL}; touch /srv/go`]);
});
afterAll(async () => {
  await box?.down();
});

async function statusOf(name: string): Promise<string | undefined> {
  for (let tries = 0; tries < 100; tries += 1) {
    const shown = await box.showProperties(`${name}.service`, ["ExecMainStatus", "ActiveState"]);
    if (!/^(active|activating)$/.test(shown.get("ActiveState") ?? "")) {
      return shown.get("ExecMainStatus");
    }
    await box.run(["sleep", "0.05"]);
  }
  return undefined;
}

test("where the directory is left open a replaced program runs, and nothing can be written there", async () => {
  expect(await statusOf("by-directory")).toBe("0");
});

test("where the program was left open the new one is not, so that an upgrade ends the service", async () => {
  expect(await statusOf("by-file")).toBe("126");
});
