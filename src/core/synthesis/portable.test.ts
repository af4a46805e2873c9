import { expect, test } from "vitest";
import type { Observation, Seen } from "../action/action.ts";
import type { Host } from "../directives/sandbox.ts";
import type { Peer } from "../sandbox/surroundings.ts";
import type { SynthesisInput } from "./input.ts";
import { anywhere, apart, leftOutText } from "./portable.ts";
import { printDropIn } from "./print.ts";
import { synthesize } from "./synthesize.ts";

const host: Host = { systemd: 257, machine: "x86_64", user: () => undefined, directories: [], executables: [] };
const seen: Seen = {
  action: { call: { abi: "x86_64", name: "read", arguments: [] }, needs: [] },
  result: "ok",
  phases: ["start"],
  identities: [{ uid: 0, gid: 0 }],
  executables: ["/usr/bin/app"],
  count: 1,
  hosts: [],
};
const observation: Observation = {
  schema: "cloison.observation/2",
  unit: "app.service",
  seen: [seen],
  gaps: [],
  phases: ["start"],
};

function input(more: Partial<Host>): SynthesisInput {
  return { observation, values: new Map(), host: { ...host, ...more }, level: "balanced" };
}

const docker: Peer = { address: "/run/docker/docker.sock", trusts: [{ kind: "user", uid: 0 }] };
const found = input({ secrets: ["/etc/keys", "/etc/other.key"], peers: [docker] });

test("apart: where nothing was found, all of it holds everywhere", () => {
  const synthesis = synthesize(input({}));
  expect(apart(input({}), synthesis)).toEqual({ everywhere: synthesis.settings, here: [] });
});

test("apart: what was found stands by itself, and both parts together mean what the whole meant", () => {
  const synthesis = synthesize(found);
  const parts = apart(found, synthesis);
  expect(printDropIn({ settings: parts.everywhere }, [])).not.toMatch(/docker|etc\/keys|other\.key/);
  const words = parts.here.flatMap(({ directive, lines }) => lines.flatMap((line) => [directive, ...line.split(" ")]));
  expect(words).toEqual(expect.arrayContaining(["InaccessiblePaths", "-/run/docker", "-/etc/keys", "-/etc/other.key"]));
  const [whole] = synthesis.settings.filter(({ directive }) => directive === "InaccessiblePaths");
  const both = [...parts.everywhere, ...parts.here].filter(({ directive }) => directive === "InaccessiblePaths");
  const wordsOf = (all: readonly (typeof both)[number][]) =>
    all.flatMap(({ lines }) => lines.join(" ").split(" ")).sort();
  expect(wordsOf(both)).toEqual(wordsOf(whole === undefined ? [] : [whole]));
});

test("apart: a place that was found around one that is hidden everywhere leaves that where it was", () => {
  const around = input({ secrets: ["/run/log"] });
  const parts = apart(around, synthesize(around));
  const wordsOf = (all: typeof parts.here) =>
    all.filter(({ directive }) => directive === "InaccessiblePaths").flatMap(({ lines }) => lines.join(" ").split(" "));
  expect(wordsOf(parts.everywhere)).toContain("-/run/log/journal");
  expect(wordsOf(parts.here)).toEqual(["-/run/log"]);
});

test("apart: a drop-in for any machine names nothing of this one, and what it lacks is said", () => {
  const portable = printDropIn(synthesize(anywhere(found)), []);
  expect(portable).not.toMatch(/docker|etc\/keys|other\.key/);
  const [said] = leftOutText(found, synthesize(anywhere(found)));
  expect(said).toMatch(/^--portable left out .*InaccessiblePaths=.*-\/etc\/keys/);
  expect(leftOutText(input({}), synthesize(input({})))).toEqual([]);
});

test("printDropIn: what is particular to the machine stands at the end, below a heading", () => {
  const { everywhere, here } = apart(found, synthesize(found));
  const [general = "", particular = ""] = printDropIn({ settings: everywhere }, ["by hand"], here).split("# ==== ");
  expect(general).not.toContain("/etc/keys");
  expect(particular).toMatch(/^Only of the machine .*\n(?:.*\n)*InaccessiblePaths=.*-\/etc\/keys/);
});
