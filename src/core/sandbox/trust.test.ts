/** Peers: who reaches their sockets, and whom they obey. Tests src/core/sandbox/trust.ts, network.ts and surroundings.ts. */
import { describe, expect, test } from "vitest";
import type { Action, Need } from "../action/action.ts";
import { judge } from "./judge.ts";
import { setting } from "./origin.ts";
import type { Peer } from "./surroundings.ts";
import { knownTrust } from "./trust.ts";
import type { MountMode, Wall } from "./wall.ts";

const PATH = "/run/peer/socket";
const parent = { uid: 0, gid: 0, mode: 0o755 };
const peer: Peer = {
  address: PATH,
  file: { type: "socket", uid: 0, gid: 7, mode: 0o660, parent },
  trusts: [
    { kind: "user", uid: 0 },
    { kind: "group", gid: 7 },
  ],
};

const user = (uid: number, gid = uid, groups: readonly number[] = []): Wall => ({
  kind: "identity",
  by: setting("User", `${uid}`),
  uid,
  gid,
  groups,
});
const mount = (path: string, mode: MountMode): Wall => ({
  kind: "mount",
  by: setting("Paths", path),
  path,
  mode,
  optional: false,
});
const ambient: Wall = { kind: "ambient", by: setting("Ambient", "x"), capabilities: ["CAP_DAC_OVERRIDE"] };

const action = (need: Need): Action => ({ call: { abi: "x86_64", name: "connect", arguments: [] }, needs: [need] });
const reach = (address = PATH): Need => ({ kind: "address", operation: "connect", family: "AF_UNIX", address });
const trust: Need = { kind: "trust", address: PATH };

describe("connecting", () => {
  test.each<[string, readonly Wall[], "allowed" | "denied"]>([
    ["root", [], "allowed"],
    ["a member of the socket's group", [user(5, 5, [7])], "allowed"],
    ["anybody else", [user(5)], "denied"],
    ["anybody who overrides modes", [user(5), ambient], "allowed"],
    ["root, where all is read-only", [mount("/", { kind: "read-only" })], "allowed"],
    [
      "root, where the place is shown read-only",
      [mount("/run", { kind: "bind", source: "/run", readOnly: true })],
      "allowed",
    ],
    ["root, where the directory is hidden", [mount("/run/peer", { kind: "inaccessible" })], "denied"],
    ["root, where the directory is empty", [mount("/run/peer", { kind: "empty", readOnly: true })], "denied"],
    [
      "root, in a network namespace",
      [{ kind: "namespace", by: setting("PrivateNetwork", "yes"), namespace: "net" }],
      "allowed",
    ],
  ])("%s", (_, walls, kind) => {
    const file = (path: string) => (path === PATH ? peer.file : undefined);
    expect(judge({ walls }, action(reach()), { peers: [peer], file }).kind).toBe(kind);
  });

  test("to a socket of which nothing is known is judged as before", () => {
    expect(judge({ walls: [user(5)] }, action(reach())).kind).toBe("allowed");
  });
});

describe("being obeyed", () => {
  test.each<[string, readonly Wall[], "allowed" | "denied"]>([
    ["root", [], "allowed"],
    ["root without capabilities", [{ kind: "bounding", by: setting("Bounding", ""), keep: [] }], "allowed"],
    [
      "root of a user namespace",
      [{ kind: "namespace", by: setting("PrivateUsers", "yes"), namespace: "user", map: "self" }],
      "allowed",
    ],
    ["the group, by a supplementary one", [user(5, 5, [7])], "allowed"],
    ["another, whatever capabilities it has", [user(5), ambient], "denied"],
  ])("%s", (_, walls, kind) => {
    expect(judge({ walls }, action(trust), { peers: [peer] }).kind).toBe(kind);
  });

  test("names the wall that makes the process a stranger", () => {
    expect(judge({ walls: [user(5)] }, action(trust), { peers: [peer] })).toEqual({
      kind: "denied",
      by: [setting("User", "5")],
      as: { errno: "EPERM" },
    });
  });

  test("anyone is obeyed by who obeys anyone", () => {
    const peers = [{ address: PATH, trusts: [{ kind: "anyone" }] }] as const;
    expect(judge({ walls: [user(5)] }, action(trust), { peers }).kind).toBe("allowed");
  });

  test("is not known where nobody looked, nor of a peer of which nobody says whom it obeys", () => {
    expect(judge({ walls: [] }, action(trust)).kind).toBe("unknown");
    expect(judge({ walls: [] }, action(trust), { peers: [{ address: PATH }] }).kind).toBe("unknown");
  });

  test("nobody is obeyed where nobody listens", () => {
    expect(judge({ walls: [] }, action(trust), { peers: [] })).toMatchObject({ kind: "denied", by: [] });
  });
});

test("knownTrust: PID 1 obeys root at both of its addresses, and so does the journal where it takes orders", () => {
  expect(knownTrust("/run/systemd/journal/io.systemd.journal")).toEqual([{ kind: "user", uid: 0 }]);
  expect(knownTrust("/run/systemd/journal/socket")).toBeUndefined();
  expect(knownTrust("/run/systemd/private")).toEqual([{ kind: "user", uid: 0 }]);
  expect(knownTrust("/run/dbus/system_bus_socket")).toEqual([{ kind: "user", uid: 0 }]);
  expect(knownTrust("/run/docker.sock")).toEqual([{ kind: "anyone" }]);
  expect(knownTrust("/run/other")).toBeUndefined();
});
