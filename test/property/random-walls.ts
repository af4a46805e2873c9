/** Random walls and actions from few paths, users and calls, so that they often meet. */

import fc from "fast-check";
import type { Access, Action, Argument, FileFacts, Need } from "../../src/core/action/action.ts";
import { CAPABILITIES, type Capability } from "../../src/core/kernel/capability.ts";
import { setting } from "../../src/core/sandbox/origin.ts";
import type { MountMode, Wall } from "../../src/core/sandbox/wall.ts";
import { is32, policyOf } from "../../src/core/seccomp/policy/build.ts";
import type { FilterAction, Policy } from "../../src/core/seccomp/policy/policy.ts";

const PATHS = [
  "/",
  "/etc",
  "/etc/app",
  "/var",
  "/var/lib",
  "/var/lib/app",
  "/tmp",
  "/home",
  "/dev",
  "/dev/mem",
  "/proc",
];
const UIDS = [0, 33, 1000];
const CALLS = ["openat", "socket", "clone", "reboot"] as const;
const POWERS: readonly Capability[] = [
  "CAP_DAC_OVERRIDE",
  "CAP_SYS_ADMIN",
  "CAP_NET_BIND_SERVICE",
  "CAP_KILL",
  "CAP_FOWNER",
];

const uid = fc.constantFrom(...UIDS);
const refusal: fc.Arbitrary<FilterAction> = fc.constantFrom(
  { kind: "errno", errno: "EPERM" },
  { kind: "errno", errno: "ENOSYS" },
  { kind: "kill-process" },
);

const condition = fc.oneof(
  fc
    .constantFrom("eq", "ne", "lt", "ge")
    .chain((operator) => fc.nat(4).map((value) => is32(0, operator as "eq", value))),
  fc.tuple(fc.nat(7), fc.nat(7)).map(([value, mask]) => is32(1, "masked-eq", value & mask, mask)),
);

/** A policy of a few rules over a few calls and their first two arguments. */
export const policy: fc.Arbitrary<Policy> = fc
  .array(
    fc.record({
      calls: fc.subarray([...CALLS], { minLength: 1 }),
      when: fc.array(condition, { maxLength: 2 }),
      action: fc.oneof(refusal, fc.constant<FilterAction>({ kind: "allow" })),
    }),
    { maxLength: 3 },
  )
  .chain((rules) =>
    fc.oneof(fc.constant<FilterAction>({ kind: "allow" }), refusal).map((rest) => policyOf(rules, rest)),
  );

const mode: fc.Arbitrary<MountMode> = fc.constantFrom<MountMode>(
  { kind: "read-only" },
  { kind: "read-write" },
  { kind: "keep" },
  { kind: "inaccessible" },
  { kind: "no-exec" },
  { kind: "exec" },
  { kind: "empty", readOnly: false },
  { kind: "empty", readOnly: true },
  { kind: "private" },
  { kind: "bind", source: "/srv/elsewhere", readOnly: false },
);

const by = fc.constantFrom("a", "b", "c").map((name) => setting(name, "yes"));

/** Any mount wall. */
export const mountWall: fc.Arbitrary<Wall> = fc.record({
  kind: fc.constant("mount" as const),
  by,
  path: fc.constantFrom(...PATHS),
  mode,
  optional: fc.constant(true),
});

/** A wall that is neither a mount nor an exception nor an identity: adding it can only remove access. */
export const plainWall: fc.Arbitrary<Wall> = fc.oneof(
  fc.record({ kind: fc.constant("filter" as const), by, policy }),
  fc.record({ kind: fc.constant("bounding" as const), by, keep: fc.subarray([...CAPABILITIES]) }),
  fc.record({ kind: fc.constantFrom("no-new-privileges" as const, "write-xor-execute" as const), by }),
  fc.record({ kind: fc.constant("namespace" as const), by, namespace: fc.constantFrom("net", "ipc", "pid" as const) }),
  fc.record({
    kind: fc.constant("devices" as const),
    by,
    allow: fc.subarray([{ type: "char", major: 1, minor: 3, access: "rw" } as const]),
  }),
  fc.record({
    kind: fc.constant("addresses" as const),
    by,
    deny: fc.subarray(["0.0.0.0/0", "10.0.0.0/8"], { minLength: 1 }),
    allow: fc.constant([]),
  }),
  fc.record({
    kind: fc.constant("ports" as const),
    by,
    deny: fc.subarray(["any", "tcp:80", "1-1023"], { minLength: 1 }),
    allow: fc.constant([]),
  }),
  fc.record({ kind: fc.constant("keyring" as const), by, mode: fc.constantFrom("private", "shared") }),
) as fc.Arbitrary<Wall>;

/** An identity, its capabilities, or an exception among addresses. */
export const door: fc.Arbitrary<Wall> = fc.oneof(
  fc.record({ kind: fc.constant("identity" as const), by, uid, gid: uid, groups: fc.constant([]) }),
  fc.record({ kind: fc.constant("ambient" as const), by, capabilities: fc.subarray([...POWERS]) }),
  fc.record({
    kind: fc.constant("addresses" as const),
    by,
    deny: fc.constant([]),
    allow: fc.subarray(["10.1.0.0/16", "127.0.0.0/8"]),
  }),
) as fc.Arbitrary<Wall>;

/** Any walls at all. */
export const walls: fc.Arbitrary<readonly Wall[]> = fc.array(fc.oneof(mountWall, plainWall, door), { maxLength: 7 });

const owner = fc.record({ uid, gid: uid, mode: fc.constantFrom(0o755, 0o700, 0o644, 0o600, 0o1777) });

const facts: fc.Arbitrary<FileFacts> = fc
  .tuple(fc.constantFrom("file", "directory", "char"), owner, owner)
  .map(([type, own, parent]) => ({
    type: type as FileFacts["type"],
    ...own,
    parent,
    device: { major: 1, minor: 1 },
  }));

const accesses: readonly Access[] = ["read", "write", "create", "remove", "execute", "change", "look"];

/** A need of any kind. */
export const need: fc.Arbitrary<Need> = fc.oneof(
  fc.record(
    {
      kind: fc.constant("path" as const),
      path: fc.constantFrom(...PATHS).map((path) => (path === "/" ? "/x" : `${path}/x`)),
      access: fc.constantFrom(...accesses),
      file: facts,
    },
    { requiredKeys: ["kind", "path", "access"] },
  ),
  fc.record({
    kind: fc.constant("capability" as const),
    capability: fc.constantFrom(...POWERS),
    over: fc.constantFrom("init", "own", "net", "mnt" as const),
  }),
  fc.record({
    kind: fc.constant("address" as const),
    operation: fc.constantFrom("bind", "connect"),
    family: fc.constant("AF_INET"),
    address: fc.constantFrom("10.1.2.3", "10.9.9.9", "127.0.0.1", "8.8.8.8"),
    port: fc.constantFrom(80, 8080),
    transport: fc.constant("tcp"),
  }),
  fc.record({
    kind: fc.constant("process" as const),
    operation: fc.constantFrom("signal", "trace", "inspect"),
    target: fc.record({ uid, gid: uid, relation: fc.constantFrom("neighbour", "init", "unit") }),
  }),
  fc.record({
    kind: fc.constant("memory" as const),
    operation: fc.constantFrom("map", "protect"),
    writable: fc.boolean(),
    executable: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("namespace" as const), namespaces: fc.subarray(["user", "net", "mnt"] as const) }),
  fc.record({
    kind: fc.constant("ipc" as const),
    object: fc.constant("sysv"),
    uid,
    mode: fc.constantFrom(0o600, 0o666),
  }),
  fc.record({ kind: fc.constant("keyring" as const), keyring: fc.constantFrom("session", "user") }),
  fc.record({ kind: fc.constantFrom("gain" as const, "real-time" as const) }),
  fc.record({ kind: fc.constant("become" as const), uid }),
  fc.record({ kind: fc.constant("trust" as const), address: fc.constant("/run/systemd/private") }),
) as fc.Arbitrary<Need>;

const argument: fc.Arbitrary<Argument> = fc.oneof(
  { weight: 5, arbitrary: fc.nat(8).map((value): Argument => ({ kind: "number", value: BigInt(value) })) },
  { weight: 1, arbitrary: fc.constant<Argument>({ kind: "unknown" }) },
);

/** An action with up to two needs. */
export const action: fc.Arbitrary<Action> = fc.record({
  call: fc.record({
    abi: fc.constant("x86_64" as const),
    name: fc.constantFrom(...CALLS),
    arguments: fc.array(argument, { minLength: 2, maxLength: 2 }),
  }),
  needs: fc.array(need, { maxLength: 2 }),
});
