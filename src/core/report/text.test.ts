/** The report for a terminal: golden files that a person can read, and laws over hostile reports. Tests src/core/report. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { setting, type WallOrigin } from "../sandbox/origin.ts";
import type { ProbeResult } from "../verdict/result.ts";
import { readReport } from "./json.ts";
import { columns, piece, plainText, wrap } from "./lines.ts";
import type { Report } from "./report.ts";
import { shortLines } from "./short.ts";
import { attacksOf, attacksText, exposureWord, headline, reasonsOf, stoppedBefore } from "./summary.ts";
import { changeLines, goalLines, reportText } from "./text.ts";

const samples = join(import.meta.dirname, "../../../test/samples/report");

function sample(name: string): Report {
  const parsed = readReport(readFileSync(join(samples, `${name}.json`), "utf8"));
  if (!parsed.ok) {
    throw new Error(JSON.stringify(parsed.diagnostics));
  }
  return parsed.value;
}

test.each(["hardened", "hostile"])("reportText: %s reads as its golden file", async (name) => {
  await expect(reportText(sample(name))).toMatchFileSnapshot(join(samples, "golden", `${name}.txt`));
});

test("reportText: no line is longer than 100 columns, and none acts on a terminal", () => {
  const hostile = fc.string({ unit: "binary", maxLength: 300 });
  fc.assert(
    fc.property(hostile, hostile, (one, other) => {
      const report: Report = {
        ...sample("hardened"),
        unit: one,
        warnings: [other],
        doors: [{ directive: "ReadWritePaths", value: one, needs: other }],
        directives: [{ name: "ReadWritePaths", value: other, reason: one, blocks: [other] }],
      };
      const lines = reportText(report).split("\n");
      expect(Math.max(...lines.map(columns))).toBeLessThanOrEqual(100);
      expect(lines.join("")).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    }),
    { numRuns: 300 },
  );
});

test("wrap: nothing but spaces is lost", () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 5, max: 40 }), (text, width) => {
      const wrapped = plainText(wrap([piece(text)], { first: 1, rest: 3, width }));
      const squeeze = (from: string): string => from.replace(/\s/g, "");
      expect(squeeze(wrapped)).toBe(squeeze(plainText([[piece(text)]])));
    }),
  );
});

test("headline: a failing workload, no attack and an undecided attack are said", () => {
  const good = sample("hardened");
  const broken: Report = { ...good, workload: { before: "pass", after: "fail" } };
  expect(headline(broken)).toContain("The workload fails behind these walls");
  const untried: Report = { ...good, probes: [] };
  expect(headline(untried)).toContain("No attack was tried");
  const [first, ...others] = good.probes;
  const undecided: Report = { ...good, probes: [{ ...first!, outcome: "unknown" }, ...others] };
  expect(headline(undecided)).toContain("1 could not be decided");
  expect(headline(sample("hostile"))).toContain("1 gets through a wall that should hold");
});

test("shortLines: the sample reads as its golden file", async () => {
  const text = plainText(shortLines(sample("hardened"), "/root/out"));
  expect(text.split("\n").length - 1).toBeLessThanOrEqual(20);
  await expect(text).toMatchFileSnapshot(join(samples, "golden", "short.txt"));
});

test("shortLines: attacks that were tried again push no figure out, and namespaces stay in the long text", () => {
  const report = sample("hardened");
  const probes = report.probes.map((probe) => ({ ...probe, later: { after: "stopped", anew: "stopped" } as const }));
  const text = plainText(shortLines({ ...report, probes }, "/root/out"));
  for (const row of ["after a month", "started anew", "system calls", "capabilities", "writable places"]) {
    expect(text).toContain(`  ${row}`);
  }
  expect(text).not.toContain("own namespaces");
});

test("shortLines: a screen of 24 lines holds it, whatever ended how, and none acts on a terminal", () => {
  const hostile = fc.string({ unit: "binary", maxLength: 300 });
  const ending = fc.constantFrom("holds" as const, "violated" as const, "unknown" as const);
  const [first] = sample("hardened").probes;
  const result = fc
    .record({ id: hostile, title: hostile, outcome: ending, open: fc.boolean() })
    .map((drawn) => ({ ...first!, ...drawn }));
  fc.assert(
    fc.property(fc.array(result, { maxLength: 40 }), hostile, (probes, word) => {
      const unused = { calls: [word], capabilities: ["CAP_KILL"] as const };
      const lines = plainText(shortLines({ ...sample("hardened"), probes, unused }, "/root/out")).split("\n");
      expect(lines.length - 1).toBeLessThanOrEqual(22);
      expect(Math.max(...lines.map(columns))).toBeLessThanOrEqual(100);
      expect(lines.join("")).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    }),
  );
});

test("exposureWord: the words of systemd-analyze at the ends of each range", () => {
  const words = [0, 0.1, 0.9, 1, 4.9, 5, 7.4, 7.5, 8.9, 9, 9.9, 10].map(exposureWord);
  expect(words.join(" ")).toBe("PERFECT SAFE SAFE OK OK MEDIUM MEDIUM EXPOSED EXPOSED UNSAFE UNSAFE DANGEROUS");
});

test("reasonsOf: of a stopped attack the walls that stop it as whoever it was tried, else those of each identity", () => {
  const [first] = sample("hardened").probes;
  if (first === undefined) {
    throw new Error("no probe");
  }
  const [a, b] = [setting("A", "1"), setting("B", "1")];
  const own: WallOrigin = { kind: "service", uid: 5 };
  const as = (identity: string, ...stoppedBy: readonly WallOrigin[]) => ({
    ...{ ...first, id: "x", identity, outcome: "holds" as const, open: false, stoppedBy },
  });
  const reasons = (...results: readonly ProbeResult[]) => attacksOf(results).map(reasonsOf);
  expect(reasons(as("0:0", a, b), as("5:5", b, own))).toEqual(["B=1"]);
  expect(reasons(as("0:0", a), as("5:5", own))).toEqual(["A=1; the service's own change to uid 5"]);
});

test("reasonsOf: a wall on a file stops an attack until that file is replaced, and the sentence on all says so", () => {
  const [first] = sample("hardened").probes;
  if (first === undefined) {
    throw new Error("no probe");
  }
  const { before: _, ...probe } = first;
  const stopped = { ...probe, outcome: "holds" as const, open: false, stoppedBy: [setting("A", "1")] };
  const attacks = attacksOf([{ ...stopped, until: ["/etc/shadow"] }]);
  expect(attacks.map(reasonsOf)).toEqual(["A=1 (until another file comes to /etc/shadow)"]);
  expect(attacksText(attacks)).toBe("1 of 1 attack is stopped, 1 only until a file is replaced");
  expect(attacksText(attacksOf([stopped]))).toBe("1 of 1 attack is stopped");
});

test("goalLines: a goal that only a wall on a file keeps out of reach says so, and by which attack", () => {
  const report = sample("hardened");
  const [first] = report.probes;
  if (first === undefined) {
    throw new Error("no probe");
  }
  const goals = [{ goal: "read-secrets" as const, title: "read others' secrets", state: "closed" as const, ways: [] }];
  const stopped = { ...first, title: "read the hashes", goals: ["read-secrets" as const] };
  const shown = (probe: ProbeResult) => plainText(goalLines(goals, [probe])).replaceAll(/\s+/g, " ");
  expect(shown({ ...stopped, until: ["/etc/shadow"] })).toContain(
    "out of reach until a file is replaced: read the hashes",
  );
  expect(shown({ ...stopped, later: { after: "through", anew: "stopped" } })).toContain("until a file is replaced");
  expect(shown(stopped)).not.toContain("until");
  const falling: Report = { ...report, goals, probes: [{ ...stopped, until: ["/etc/shadow"] }] };
  expect(headline(falling)).toContain("1 of 1 goal of an intruder is out of reach, 1 only until a file is replaced");
});

test("what came of attacks that were tried again stands beside the figures, and beside the wall that fell", () => {
  const report = sample("hardened");
  const [first, ...others] = report.probes.filter(({ stoppedBy }) => stoppedBy !== undefined);
  if (first === undefined) {
    throw new Error("no probe");
  }
  const same = others.map((probe) => ({ ...probe, later: { after: "stopped", anew: "stopped" } as const }));
  const fell = { ...first, until: ["/etc/shadow"], later: { after: "through", anew: "stopped" } as const };
  const linesOf = (probes: readonly ProbeResult[]) =>
    plainText(changeLines({ ...report, probes }, attacksOf(probes))).split("\n");
  expect(linesOf([fell, ...same])).toContain(`    after a month     not tried         1`);
  expect(linesOf([fell, ...same])).toContain(`    started anew      not tried         0`);
  const untried = { ...first, later: { after: "untried", anew: "stopped" } as const };
  expect(linesOf([untried, ...same])).toContain(`    after a month     not tried         0, and 1 could not be tried`);
  expect(linesOf(report.probes).join("\n")).not.toContain("after a month");
  expect(attacksOf([fell]).map(reasonsOf)[0]).toMatch(
    / \(until another file comes to .*: then it was seen to get through\)$/,
  );
});

test("stoppedBefore: only what was stopped already as everybody, and by what", () => {
  const [first] = sample("hardened").probes;
  if (first === undefined) {
    throw new Error("no probe");
  }
  const stopped = { ...first, outcome: "holds" as const, open: false, stoppedBy: [setting("ProtectSystem", "strict")] };
  const already = { ...stopped, before: { kind: "stopped", by: [setting("User", "shop")] } } as const;
  const newly = { ...stopped, identity: "5:5", before: { kind: "through" } } as const;
  expect(attacksOf([already]).map(stoppedBefore)).toEqual(["User=shop"]);
  expect(attacksOf([already, newly]).map(stoppedBefore)).toEqual([undefined]);
  expect(attacksOf([newly]).map(stoppedBefore)).toEqual([undefined]);
});
