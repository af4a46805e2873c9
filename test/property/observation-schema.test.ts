/** The reader of observations against docs/schema/observation.schema.json: whatever the reader takes, the schema accepts. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Argument, Need, Observation } from "../../src/core/action/action.ts";
import { readObservation, writeObservation } from "../../src/core/action/document.ts";

const root = join(import.meta.dirname, "../..");
const schema = JSON.parse(readFileSync(join(root, "docs/schema/observation.schema.json"), "utf8"));
const accepts = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

const needs: readonly Need[] = [
  {
    kind: "path",
    path: "/srv/\u202e\u009b",
    access: "create",
    file: {
      type: "block",
      uid: 1,
      gid: 2,
      mode: 0o600,
      device: { major: 8, minor: 0 },
      parent: { uid: 0, gid: 0, mode: 0o755 },
    },
  },
  { kind: "capability", capability: "CAP_PERFMON", or: ["CAP_SYS_ADMIN"], over: "init" },
  { kind: "become", uid: 33 },
  { kind: "namespace", namespaces: ["user", "net"] },
  { kind: "address", operation: "bind", family: "AF_INET", address: "0.0.0.0", port: 80, transport: "tcp" },
  { kind: "memory", operation: "protect", writable: true, executable: true, already: false },
  { kind: "process", operation: "signal", target: { uid: 0, gid: 0, relation: "init", capabilities: ["CAP_KILL"] } },
  { kind: "ipc", object: "sysv", uid: 5, mode: 0o600 },
  { kind: "real-time" },
  { kind: "gain" },
  { kind: "keyring", keyring: "user" },
  { kind: "trust", address: "/run/systemd/private" },
];

const given: readonly Argument[] = [
  { kind: "number", value: 0xffff_ffff_ffff_ffffn },
  { kind: "text", text: "x" },
  { kind: "bytes", bytes: [0, 255] },
  { kind: "room", size: 16, name: "buffer" },
  { kind: "pointers", to: [{ kind: "unknown" }] },
  { kind: "result", of: "open" },
];

const observation: Observation = {
  schema: "cloison.observation/2",
  unit: "app.service",
  phases: ["start", "workload"],
  gaps: [
    { code: "record", count: 3 },
    { code: "path", call: "openat", count: 1 },
    { code: "unknown-call", name: "\u202e", count: 1 },
    { code: "told", reason: "in the words of before", count: 1 },
  ],
  seen: needs.map((need, index) => ({
    action: {
      call: index === 3 ? { kind: "none" } : { abi: "x86_64", name: "openat", arguments: given.slice(0, index % 7) },
      needs: [need],
    },
    result: index % 2 === 0 ? "ok" : "EACCES",
    phases: ["workload"],
    identities: [{ uid: index, gid: 0 }],
    executables: ["/usr/bin/node"],
    count: index + 1,
    hosts: ["00ff"],
  })),
};

test("the schema accepts what is written, and what is written can be shown in a terminal", () => {
  const written = writeObservation(observation);
  expect(accepts(JSON.parse(written)), JSON.stringify(accepts.errors)).toBe(true);
  expect(written).toMatch(/^[\n\x20-\x7e]*$/);
  const back = readObservation(written);
  expect(back.ok && writeObservation(back.value)).toBe(written);
});

/** Replaces one value somewhere inside a document. */
function mutate(value: unknown, path: readonly number[], replacement: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== "object" || value === null) {
    return replacement;
  }
  const keys = Object.keys(value);
  const key = keys[step % Math.max(keys.length, 1)];
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...value };
  if (key !== undefined) {
    Reflect.set(copy, key, mutate(Reflect.get(value, key), rest, replacement));
  }
  return copy;
}

test("the schema and the reader agree on damaged documents, but for the names of calls and errors, which only the reader knows", () => {
  const replacements = fc.constantFrom(undefined, null, "", "/x", "0x1f", -1, 3, 1.5, true, [], {}, ["a"], "start");
  const seen = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 8 }), replacements, (path, other) => {
      const json = JSON.stringify(mutate(JSON.parse(writeObservation(observation)), path, other)) ?? "null";
      const read = readObservation(json);
      const named = read.ok ? "" : (read.diagnostics[0]?.message ?? "");
      if (!/name of (a system call|an error)/.test(named) && !named.includes('"ok" or')) {
        expect(read.ok, `${named}\n${json}`).toBe(accepts(JSON.parse(json)));
        seen[read.ok ? "accepted" : "refused"] += 1;
      }
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(50);
});
