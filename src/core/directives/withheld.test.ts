/** That a ladder says of everything on it what becomes of it: nothing is offered in silence, or left out in silence. */
import { expect, test } from "vitest";
import type { Need, Seen } from "../action/action.ts";
import { catalogue } from "./catalogue.ts";
import { ladderOf, type Situation } from "./directive.ts";
import { type Host, sandboxOf } from "./sandbox.ts";

const host: Host = {
  systemd: 257,
  machine: "x86_64",
  user: (name) => (name === "app" ? { uid: 990, gid: 990, groups: [] } : undefined),
  directories: [],
  executables: ["/usr/bin/app"],
};

function seen(...needs: readonly Need[]): Seen {
  return {
    action: { call: { abi: "x86_64", name: "openat", arguments: [] }, needs },
    result: "ok",
    phases: ["start"],
    identities: [],
    executables: [],
    count: 1,
    hosts: [],
  };
}

function situation(all: readonly Seen[], user?: string): Situation {
  const { facts } = sandboxOf(
    (name) => (name === "User" && user !== undefined ? [{ value: user, file: "app.service", line: 1 }] : []),
    host,
  );
  const observation = {
    schema: "cloison.observation/2",
    unit: "app.service",
    seen: all,
    gaps: [],
    phases: ["start"],
  } as const;
  return { unit: facts, observation, level: "balanced", clients: undefined };
}

const busy = seen(
  { kind: "path", path: "/etc/shadow", access: "read" },
  { kind: "path", path: "/proc/meminfo", access: "read" },
  { kind: "address", operation: "bind", family: "AF_INET", address: "0.0.0.0", port: 0, transport: "tcp" },
  { kind: "become", uid: 33 },
  { kind: "ipc", object: "sysv", uid: 0, mode: 0o600 },
);

const situations = [situation([]), situation([busy]), situation([], "app"), situation([busy], "app")];

test("whoever has a ladder has something on it in every situation, unless it is a door", () => {
  const walls = catalogue.filter(({ ladder, door }) => typeof ladder === "function" && door === undefined);
  for (const given of situations) {
    expect(walls.filter((each) => ladderOf(each, given).length === 0).map(({ name }) => name)).toEqual([]);
  }
});

test("what is not tried says why, in a sentence", () => {
  const sentences = situations.flatMap((given) =>
    catalogue.flatMap((each) => ladderOf(each, given).flatMap(({ withheld = [] }) => withheld)),
  );
  expect(sentences.length).toBeGreaterThan(20);
  for (const sentence of sentences) {
    expect(sentence).toMatch(/^(?:[A-Z]|systemd ).*\.$/);
  }
});
