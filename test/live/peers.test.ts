/**
 * Peers in a real box: who listens there, whom PID 1 obeys, and that asking it in vain changes nothing. Tests
 * src/core/probes/conversation.ts, src/core/probes/peers and src/engines/box/peers.ts.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { attacksOn } from "../../src/core/probes/attack.ts";
import { probes } from "../../src/core/probes/catalogue.ts";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { peersOf } from "../../src/engines/box/peers.ts";
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
  const asking = ["ask-manager", "ask-manager-over-bus", "set-manager-environment", "signal-init", "stop-neighbour"];
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
