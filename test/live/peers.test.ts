/**
 * Peers in a real box: who listens there, whom PID 1 obeys, and that asking it in vain changes nothing. Tests
 * src/core/probes/over-bus.ts, src/core/probes/peers and src/engines/box/peers.ts.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attacksOn } from "../../src/core/probes/attack.ts";
import { probes } from "../../src/core/probes/catalogue.ts";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { peersOf, peersOfMachine } from "../../src/engines/box/peers.ts";
import { runControl } from "../../src/engines/judges/systemd/control.ts";
import { survey } from "../../src/engines/judges/systemd/survey.ts";

let box: Box;
beforeAll(async () => {
  box = await bootBox({ forAttacks: true });
});
afterAll(async () => {
  await box?.down();
});

const parent = { uid: 0, gid: 0, mode: 0o755 };

test("PID 1 and the bus are found, with owner, mode, program and whom they obey", async () => {
  const peers = await peersOf(box);
  const trusts = [{ kind: "user", uid: 0 }];
  expect(peers.find(({ address }) => address === "/run/systemd/private")).toEqual({
    address: "/run/systemd/private",
    file: { type: "socket", uid: 0, gid: 0, mode: 0o700, parent },
    program: "/usr/lib/systemd/systemd",
    trusts,
  });
  expect(peers.find(({ address }) => address === "/run/dbus/system_bus_socket")).toEqual({
    address: "/run/dbus/system_bus_socket",
    file: { type: "socket", uid: 0, gid: 0, mode: 0o666, parent },
    program: "/usr/bin/dbus-daemon",
    trusts,
  });
  expect(peers.find(({ address }) => address === "/run/systemd/journal/stdout")?.program).toMatch(/systemd-journald$/);
});

/** What an answer in earnest would change. */
async function stateOf(): Promise<readonly (string | undefined)[]> {
  const shown = await box.showProperties("cloison-neighbour.service", ["MainPID", "ActiveState", "FragmentPath"]);
  const environment = await box.systemctl("show-environment");
  const transient = await box.run(["ls", "/run/systemd/transient"]);
  return [...shown.values(), environment.stdout, transient.stdout];
}

test("PID 1 obeys root at both of its addresses, and does nothing", async () => {
  const target = {
    name: "x.service",
    executable: "/usr/bin/sleep",
    argv: ["/usr/bin/sleep"],
    fragment: undefined,
    stateDirectories: [],
    owner: { uid: 0, gid: 0 },
    ports: [],
  };
  const asking = [
    ...["ask-manager", "ask-manager-over-bus", "change-clock-over-bus", "change-hostname-over-bus", "forge-log"],
    ...["notify-for-neighbour", "order-journal", "set-manager-environment", "signal-init", "stop-neighbour"],
    "switch-off-over-bus",
  ];
  const machine = await survey(box, target, "peers");
  const { attacks } = attacksOn(
    machine,
    probes.filter(({ id }) => asking.includes(id)),
  );
  expect(attacks.map(({ probe }) => probe.id).toSorted()).toEqual(asking);
  const before = await stateOf();
  expect(before).toContain("active");
  const seen = await runControl(box, attacks);
  expect(seen.map(({ kind }) => kind)).toEqual(attacks.map(() => "through"));
  expect(await stateOf()).toEqual(before);
});

test("the machine's own sockets are found beside those of a box", async () => {
  const directory = mkdtempSync(join(tmpdir(), "cloison-peer-"));
  const address = join(directory, "socket");
  const server = createServer();
  await new Promise<void>((listening) => server.listen(address, listening));
  try {
    chmodSync(address, 0o600);
    const found = (await peersOfMachine()).find((peer) => peer.address === address);
    expect(found?.file).toMatchObject({ type: "socket", uid: 0, mode: 0o600 });
    expect((await peersOf(box)).map((peer) => peer.address)).not.toContain(address);
  } finally {
    await new Promise((closed) => server.close(closed));
    rmSync(directory, { recursive: true });
  }
});

/** As it is written for a service of root's that was seen to use neither PID 1 nor more of the journal. */
const LOGGING = ["dev-log", "socket"].map((name) => `BindReadOnlyPaths=-/run/systemd/journal/${name}`);

test("whoever sees only the journal's two sockets for logging can log, also after the journal was restarted, and sees nothing else of it", async () => {
  const lines = ["Type=oneshot", "TemporaryFileSystem=/run/systemd:noexec,ro", ...LOGGING];
  // A program that has ended when its entry is read is of no unit that the journal could name: therefore by name.
  const command = "ExecStart=/bin/sh -c 'logger -t cloison-logs said; ls /run/systemd/journal'";
  await box.writeFile("/etc/systemd/system/logs.service", ["[Service]", ...lines, command].join("\n"));
  await box.systemctl("daemon-reload");
  for (const times of [1, 2]) {
    expect((await box.systemctl("start", "logs.service")).status).toBe(0);
    await box.syncJournal();
    const said = await box.run(["journalctl", "--boot", "--output=cat", "--identifier=cloison-logs"]);
    expect(said.stdout).toBe("said\n".repeat(times));
    await box.systemctl("restart", "systemd-journald.service");
  }
  // What the journal says of starts has blanks; what is left are the names that ls has listed.
  const listed = (await box.journal("logs.service"))
    .split("\n")
    .filter((line) => /^[a-z-]+$|journal$/.test(line) && line !== "said");
  expect(new Set(listed)).toEqual(new Set(["dev-log", "socket"]));
});

/** What a service sees of PID 1's directory. */
async function seenBy(unit: string): Promise<readonly string[]> {
  const pid = (await box.showProperties(unit, ["MainPID"])).get("MainPID") ?? "";
  const listed = await box.run(["nsenter", "--target", pid, "--mount", "ls", "-l", "/run/systemd"]);
  expect(listed.status, listed.stderr).toBe(0);
  return listed.stdout.split("\n").filter((line) => / private$/.test(line));
}

test("PID 1's directory stays shut when PID 1 is executed anew; a mount on its socket falls", async () => {
  const shut = ["TemporaryFileSystem=/run/systemd:noexec,ro", ...LOGGING];
  const units = { "by-directory": shut, "by-file": ["InaccessiblePaths=-/run/systemd/private"] };
  for (const [name, lines] of Object.entries(units)) {
    await box.writeFile(
      `/etc/systemd/system/${name}.service`,
      ["[Service]", ...lines, "ExecStart=/usr/bin/sleep infinity"].join("\n"),
    );
  }
  await box.systemctl("daemon-reload");
  await box.systemctl("start", "by-directory.service", "by-file.service");
  expect(await seenBy("by-directory.service")).toEqual([]);
  expect(await seenBy("by-file.service")).toEqual([expect.stringMatching(/^s--------- /)]);
  expect((await box.systemctl("daemon-reexec")).status).toBe(0);
  await expect
    .poll(async () => (await box.systemctl("is-system-running")).stdout.trim())
    .toMatch(/^(running|degraded)$/);
  expect(await seenBy("by-directory.service")).toEqual([]);
  expect(await seenBy("by-file.service")).toEqual([expect.stringMatching(/^srw/)]);
});
