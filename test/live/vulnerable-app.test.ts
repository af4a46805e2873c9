/**
 * The demonstration's server: it starts only in a box, an intruder gets everything while nothing is hardened, and the same
 * requests are told apart once somebody has hardened it by hand, so that the demonstration can fail.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { layersOf } from "./fixtures/samples.ts";

const root = join(import.meta.dirname, "../..");
const sample = JSON.parse(readFileSync(join(root, "test/samples/bookshop/sample.json"), "utf8"));

interface Attempt {
  readonly id: string;
  readonly got: boolean;
  readonly own: boolean;
  readonly evidence: string;
}

async function withShop<T>(use: (box: Box) => Promise<T>): Promise<T> {
  const layers = layersOf("demo");
  const box = await bootBox({ layers, addresses: sample.addresses, bindReadOnly: [{ source: root, target: root }] });
  try {
    await box.systemctl("start", ...sample.start);
    return await use(box);
  } finally {
    await box.down();
  }
}

async function must(box: Box, argv: readonly string[]): Promise<string> {
  const result = await box.run(argv, { cwd: root, timeoutMs: 280_000 });
  expect(result.status, `${argv.join(" ")}: ${result.stderr}`).toBe(0);
  return result.stdout;
}

async function exploit(box: Box): Promise<readonly Attempt[]> {
  const output = await must(box, ["node", "examples/vulnerable-app/exploit.mjs"]);
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Attempt);
}

test("the shop refuses to start where there is no box", async () => {
  await withShop(async (box) => {
    await must(box, ["rm", "/run/cloison/box"]);
    expect((await box.systemctl("start", "bookshop.service")).status).not.toBe(0);
    expect(await box.journal("bookshop.service")).toContain("starts only inside a Cloison box");
  });
});

const byHand = `[Service]
ProtectSystem=strict
ReadWritePaths=/var/lib/bookshop /var/log/bookshop
NoExecPaths=/var/lib/bookshop /var/log/bookshop
InaccessiblePaths=/etc/shadow /etc/ledger -/run/dbus
TemporaryFileSystem=/run/systemd:ro
BindReadOnlyPaths=/run/systemd/journal
BindReadOnlyPaths=/run/systemd/notify /run/systemd/container
ProtectHome=yes
PrivateTmp=yes
ProtectProc=invisible
CapabilityBoundingSet=
RestrictNamespaces=yes
RestrictSUIDSGID=yes
IPAddressDeny=any
IPAddressAllow=localhost 10.20.0.7
`;

test("an intruder gets everything, and after hardening only what is the shop's own", async () => {
  await withShop(async (box) => {
    await must(box, ["systemctl", "start", "bookshop.service"]);
    await must(box, sample.workload);
    const before = await exploit(box);
    expect(before.filter(({ got }) => !got)).toEqual([]);
    expect(before.filter(({ own }) => !own).length).toBeGreaterThanOrEqual(14);

    await box.writeFile("/etc/systemd/system/bookshop.service.d/hand.conf", byHand);
    await must(box, ["systemctl", "daemon-reload"]);
    await must(box, ["systemctl", "restart", "bookshop.service"]);
    await must(box, sample.workload);
    const after = await exploit(box);
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(after.filter(({ got, own }) => got !== own)).toEqual([]);
    for (const { evidence } of [...before, ...after]) {
      expect(evidence.length).toBeLessThanOrEqual(120);
    }
  });
});
