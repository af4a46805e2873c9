/** What a user of its own would gain, by the model alone. Tests src/core/own-user/suppose.ts. */
import { expect, test } from "vitest";
import type { Observation } from "../action/action.ts";
import { type Host, sandboxOfValues, type Values } from "../directives/sandbox.ts";
import { parseServiceName } from "../unit/name.ts";
import { parse } from "../unit/parse.ts";
import { supposeOwnUser } from "./suppose.ts";

const host: Host = {
  ...{ systemd: 257, machine: "x86_64", directories: [], executables: ["/usr/sbin/web"] },
  user: (name) => (name === "www-data" ? { name, uid: 33, gid: 33, groups: [] } : undefined),
};
const accounts = { users: [{ name: "www-data", uid: 33, gid: 33 }], groups: [{ name: "www-data", gid: 33 }] };

function observed(uid: number): Observation {
  const action = {
    call: { abi: "x86_64", name: "bind", arguments: [] },
    needs: [{ kind: "capability", capability: "CAP_NET_BIND_SERVICE", over: "net" }],
  } as const;
  const seen = { result: "ok", phases: ["start"], executables: [], count: 1, hosts: [] } as const;
  return {
    ...{ schema: "cloison.observation/2", unit: "web.service", gaps: [], phases: ["start"] },
    seen: [{ ...seen, action, identities: [{ uid, gid: uid }] }],
  };
}

function supposed(uid: number, values: Values = new Map(), text = "[Service]\nExecStart=/usr/sbin/web\n") {
  const file = parse(text, "web.service");
  const name = parseServiceName("web.service");
  if (!file.ok || !name.ok) {
    throw new Error("the unit does not parse");
  }
  const unit = { name: name.value, files: [file.value] };
  return supposeOwnUser({ unit, observation: observed(uid), accounts }, values, host);
}

test("supposeOwnUser: the workers' user, with the one capability that was needed and no other", () => {
  const own = supposed(33);
  expect([own?.user, own?.identity]).toEqual(["www-data", { uid: 33, gid: 33 }]);
  const walls = own?.sandbox.walls ?? [];
  expect(walls.flatMap((wall) => (wall.kind === "ambient" ? wall.capabilities : []))).toEqual(["CAP_NET_BIND_SERVICE"]);
  expect(walls.flatMap((wall) => (wall.kind === "bounding" ? [wall.keep] : []))).toEqual([["CAP_NET_BIND_SERVICE"]]);
  expect(walls.flatMap((wall) => (wall.kind === "identity" ? [wall.uid] : []))).toEqual([33]);
});

test("supposeOwnUser: the walls that stand already stay", () => {
  const values: Values = new Map([["ProtectClock", true]]);
  const before = sandboxOfValues(values, host).sandbox.walls.filter(({ kind }) => kind === "filter");
  expect(supposed(33, values)?.sandbox.walls.filter(({ kind }) => kind === "filter")).toEqual(before);
  expect(before).not.toEqual([]);
});

test("supposeOwnUser: nothing of a service that is not root, or that is root whatever User= says", () => {
  expect(supposed(33, new Map([["User", "www-data"]]))).toBeUndefined();
  expect(supposed(33, new Map(), "[Service]\nExecStart=+/usr/sbin/web\n")).toBeUndefined();
});
