/** Random observations of every shape, for the laws of merging and of the document. */
import fc from "fast-check";
import type { Argument, Need, Observation, Seen } from "../../src/core/action/action.ts";
import type { Gap, Loss } from "../../src/core/action/gap.ts";
import { PHASES } from "../../src/core/action/order.ts";

const id = fc.constantFrom(0, 1, 33, 65534);
const path = fc.constantFrom("/", "/etc/hosts", '/a "b"\n\u001b[31m', "/tmp/é\u0000", "/__proto__");
const port = fc.integer({ min: 0, max: 65535 });
const flag = fc.boolean();

const argument: fc.Arbitrary<Argument> = fc.oneof(
  fc.record({ kind: fc.constant("number" as const), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
  fc.constant({ kind: "unknown" as const }),
  fc.record({ kind: fc.constant("text" as const), text: fc.string() }),
  fc.record({ kind: fc.constant("bytes" as const), bytes: fc.array(fc.integer({ min: 0, max: 255 })) }),
  fc.record({ kind: fc.constant("room" as const), size: id }),
  fc.record({
    kind: fc.constant("pointers" as const),
    to: fc.array(fc.record({ kind: fc.constant("number" as const), value: fc.bigInt({ min: 0n, max: 9n }) })),
  }),
);

const need: fc.Arbitrary<Need> = fc.oneof(
  fc.record({ kind: fc.constant("path" as const), path, access: fc.constantFrom("read" as const, "write" as const) }),
  fc.record({
    kind: fc.constant("path" as const),
    path,
    access: fc.constant("read" as const),
    file: fc.record({ type: fc.constant("file" as const), uid: id, gid: id, mode: fc.constantFrom(0o644, 0o4755) }),
  }),
  fc.record({
    kind: fc.constant("capability" as const),
    capability: fc.constantFrom("CAP_CHOWN" as const, "CAP_SYS_ADMIN" as const),
    over: fc.constantFrom("own" as const, "init" as const, "net" as const),
  }),
  fc.record({ kind: fc.constant("namespace" as const), namespaces: fc.uniqueArray(fc.constantFrom("mnt", "net")) }),
  fc.record({
    kind: fc.constant("address" as const),
    operation: fc.constantFrom("bind" as const, "connect" as const),
    family: fc.constant("AF_INET"),
    address: fc.string(),
    port,
  }),
  fc.record({
    kind: fc.constant("memory" as const),
    operation: fc.constant("map" as const),
    writable: flag,
    executable: flag,
  }),
  fc.record({ kind: fc.constant("become" as const), uid: id }),
  fc.constant({ kind: "real-time" as const }),
) as fc.Arbitrary<Need>;

const seen: fc.Arbitrary<Seen> = fc.record({
  action: fc.record({
    call: fc.oneof(
      { weight: 1, arbitrary: fc.constant({ kind: "none" as const }) },
      {
        weight: 5,
        arbitrary: fc.record({
          abi: fc.constantFrom("x86_64" as const, "i386" as const),
          name: fc.constantFrom("openat" as const, "read" as const),
          arguments: fc.array(argument, { maxLength: 3 }),
        }),
      },
    ),
    needs: fc.array(need, { maxLength: 3 }),
  }),
  result: fc.constantFrom("ok" as const, "ENOENT" as const),
  phases: fc.array(fc.constantFrom(...PHASES), { maxLength: 3 }),
  identities: fc.array(fc.record({ uid: id, gid: id }), { maxLength: 3 }),
  executables: fc.array(path, { maxLength: 3 }),
  count: fc.integer({ min: 0, max: 1000 }),
  hosts: fc.array(
    fc.integer({ min: 0, max: 40 }).map((number) => number.toString(16).padStart(8, "0")),
    { maxLength: 30 },
  ),
});

const loss: fc.Arbitrary<Loss> = fc.constantFrom<Loss>(
  { code: "record" },
  { code: "path", call: "openat" },
  { code: "path", call: "read" },
  { code: "unknown-call", name: "\u202e" },
  { code: "told", reason: "x" },
);
const gap: fc.Arbitrary<Gap> = fc
  .tuple(loss, fc.integer({ min: 0, max: 9 }))
  .map(([lost, count]): Gap => ({ ...lost, count }));

/** A random observation, unordered and with duplicates. */
export const observation: fc.Arbitrary<Observation> = fc.record(
  {
    schema: fc.constant("cloison.observation/2" as const),
    unit: fc.constantFrom("a.service", "b@c.service"),
    seen: fc.array(seen, { maxLength: 6 }),
    gaps: fc.array(gap, { maxLength: 3 }),
    phases: fc.array(fc.constantFrom(...PHASES), { maxLength: 4 }),
    peak: fc.record({ tasks: fc.nat(), memory: fc.nat(), files: fc.nat() }),
  },
  { requiredKeys: ["schema", "unit", "seen", "gaps", "phases"] },
);
