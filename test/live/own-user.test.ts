/**
 * nginx, with Debian's own unit, as a user of its own: the plan made from what it was recorded to do as root works for its whole life.
 * All eight daemons, walled off and attacked: `npm run test:own-user`. Tests src/engines/own-user.ts and src/engines/life/disk-changes.ts.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readObservation } from "../../src/core/action/document.ts";
import { exercise } from "../../src/engines/life/exercise.ts";
import { inBox } from "../../src/engines/life/trial.ts";
import { beneath, planIn } from "../../src/engines/own-user.ts";
import { checkout, layersOf, sampleOf } from "./fixtures/samples.ts";

test("nginx lives as www-data, started, reloaded, restarted and stopped, and its logs stay adm's", async () => {
  const sample = sampleOf("nginx");
  const recorded = readObservation(readFileSync(join(checkout, "test/samples/nginx/observation.json"), "utf8"));
  if (!recorded.ok) {
    throw new Error("the recorded observation cannot be read");
  }
  const asked = {
    target: { kind: "installed", name: sample.unit },
    workload: { command: sample.workload.join(" "), directory: checkout, timeoutMs: 60_000, environment: {} },
    companions: [],
    box: { layers: layersOf(sample.layer), bindReadOnly: [{ source: checkout, target: checkout }] },
  } as const;
  const plan = await inBox(asked, undefined, (box, service) => planIn(box, service, recorded.value, ""));
  expect(plan.owner).toMatchObject({ kind: "existing", user: "www-data", group: "www-data" });
  expect(plan.unplaced).toEqual([]);
  await inBox(beneath(asked, plan), undefined, async (box, service) => {
    const life = await exercise(box, service, asked.workload);
    expect(life.map(({ phase, outcome }) => `${phase} ${outcome}`)).toEqual([
      ...["start passed", "workload passed", "reload passed", "restart passed", "restart passed", "stop passed"],
    ]);
    await box.systemctl("start", "nginx.service");
    const script = `ps -C nginx -o user= | sort -u; grep CapEff /proc/$(cat /run/nginx.pid)/status
      stat -c '%U:%G' /var/log/nginx/access.log; grep 'su ' /etc/logrotate.d/nginx`;
    const { stdout } = await box.run(["sh", "-c", script]);
    // CAP_NET_BIND_SERVICE is bit 10.
    expect(stdout).toBe("www-data\nCapEff:\t0000000000000400\nwww-data:adm\n\tsu www-data adm\n");
  });
});
