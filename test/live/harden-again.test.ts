/**
 * Hardening a service that Cloison hardened before: what is rehearsed is the unit without its drop-in, so that it can be
 * loosened; what is attacked by name is the unit as it is. A layer plays the machine on which both are installed.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lookAtFiles } from "../../src/engines/life/file-findings.ts";
import { inBox, type Rehearsed, tryLife } from "../../src/engines/life/trial.ts";

const layer = mkdtempSync("/var/tmp/cloison-again-");
const rehearsed: Rehearsed = {
  target: { kind: "installed", name: "again.service" },
  workload: undefined,
  companions: [],
  box: { layers: [layer] },
};

beforeAll(() => {
  const units = join(layer, "etc/systemd/system");
  mkdirSync(join(units, "again.service.d"), { recursive: true });
  mkdirSync(join(layer, "srv"));
  writeFileSync(join(layer, "srv/app.pl"), "sleep 1000;\n");
  const unit = "[Service]\nWorkingDirectory=/srv\nExecStartPre=/usr/bin/sleep 2\nExecStart=/usr/bin/perl app.pl\n";
  writeFileSync(join(units, "again.service"), unit);
  writeFileSync(join(units, "again.service.d/other.conf"), "[Service]\nNice=1\n");
  writeFileSync(join(units, "again.service.d/zz-cloison.conf"), "[Service]\nProtectClock=yes\nProtectHostname=yes\n");
});
afterAll(() => rmSync(layer, { recursive: true }));

const clock = (asked: Rehearsed, dropIn?: string) =>
  inBox(asked, dropIn, async (box, service) => ({
    value: (await box.showProperties("again.service", ["ProtectClock"])).get("ProtectClock"),
    files: service.files.map(({ path }) => path.split("/").at(-1)),
  }));

test("the installed drop-in is left out of what is rehearsed, and the administrator's own is not", async () => {
  expect(await clock(rehearsed)).toEqual({ value: "no", files: ["again.service", "other.conf"] });
});

test("the same of a unit that is named by its file, which lies beside the drop-in", async () => {
  const own = { path: "again.service.d/zz-cloison.conf", text: "[Service]\nProtectClock=yes\n" };
  const text = "[Service]\nExecStart=/usr/bin/perl /srv/app.pl\n";
  const target = { kind: "file", name: "again.service", fileName: "again.service", text, dropIns: [own] } as const;
  expect(await clock({ ...rehearsed, target })).toEqual({ value: "no", files: ["again.service", "other.conf"] });
  expect((await clock({ ...rehearsed, target }, "[Service]\nProtectClock=no\n")).value).toBe("no");
  expect((await clock({ ...rehearsed, target, withInstalled: true })).value).toBe("yes");
});

test("a unit that is attacked as it is has it", async () => {
  const files = ["again.service", "other.conf", "zz-cloison.conf"];
  expect(await clock({ ...rehearsed, withInstalled: true })).toEqual({ value: "yes", files });
});

test("the new drop-in is compared with the installed one, and scripts are hashed", async () => {
  const found = await lookAtFiles(rehearsed, "[Service]\nProtectHostname=yes\nNoNewPrivileges=yes\n");
  expect(found.installed?.added).toEqual(["NoNewPrivileges=yes"]);
  expect(found.installed?.dropped).toEqual(["ProtectClock=yes"]);
  expect(found.installed?.exposure).toBeLessThan(found.exposure.before);
  expect(Object.keys(found.executables).sort()).toEqual(["/srv/app.pl", "/usr/bin/perl", "/usr/bin/sleep"]);
  expect(found.notCovered.join("\n")).toContain("libraries, modules and configuration");
});

test("the time that starting took is measured", async () => {
  const life = await tryLife(rehearsed, undefined);
  expect(life[0]?.seconds).toBeGreaterThan(2);
});
