/**
 * The pipeline on what was recorded of real services, one readable file per stage in `NAME/golden`: a change of the
 * synthesis shows as a difference that a person can judge. Recorded anew by `node tools/record-samples.mjs`.
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeObservation } from "../../src/core/action/document.ts";
import { assignmentsOf } from "../../src/core/directives/assignments.ts";
import { foldUnit } from "../../src/core/directives/sandbox.ts";
import { portraitOf } from "../../src/core/report/portrait.ts";
import { loosened } from "../../src/core/sandbox/compare.ts";
import { parse } from "../../src/core/unit/parse.ts";
import type { AttackReport } from "../../src/core/verdict/result.ts";
import { observationText } from "./observation-text.ts";
import { fixture, predictedAttacks, sampleNames, stagedReport, stagesOf, unitText } from "./stages.ts";

test("all samples are there", () => {
  const names = ["apache2", "bookshop", "journal-gatewayd", "nginx", "node-server", "php-fpm", "valkey"];
  expect(sampleNames).toEqual(expect.arrayContaining(names));
});

describe.each(sampleNames)("sample %s", (name) => {
  const stages = stagesOf(name);
  let tried: AttackReport | undefined;
  const attacks = (): AttackReport => {
    tried ??= predictedAttacks(stages);
    return tried;
  };
  const golden = (file: string) => join(import.meta.dirname, name, "golden", file);

  test("unit", () => expect(unitText(stages)).toMatchFileSnapshot(golden("unit.txt")));

  test("observation", async () => {
    expect(writeObservation(stages.observation)).toBe(fixture(name, "observation.json"));
    await expect(observationText(stages.observation)).toMatchFileSnapshot(golden("observation.txt"));
  });

  test("synthesis", () => expect(stages.dropIn).toMatchFileSnapshot(golden("synthesis.conf")));

  test("report", { timeout: 120_000 }, () =>
    expect(stagedReport(stages, attacks())).toMatchFileSnapshot(golden("report.txt")),
  );

  test("the drop-in beside the unit reads back as what was searched, and is nowhere weaker", () => {
    const { unit, input, synthesis, dropIn } = stages;
    const file = parse(dropIn, "/etc/systemd/system/x.service.d/zz-cloison.conf");
    expect(file).toMatchObject({ ok: true, diagnostics: [] });
    if (!file.ok) {
      return;
    }
    const { values, diagnostics } = foldUnit(
      assignmentsOf({ ...unit, files: [...unit.files, file.value] }),
      input.host,
    );
    expect(diagnostics.filter(({ span }) => span?.file === file.value.path)).toEqual([]);
    for (const { directive, value } of synthesis.settings) {
      expect({ [directive]: values.get(directive) }).toEqual({ [directive]: value });
    }
    expect(loosened(synthesis.before, synthesis.after)).toEqual([]);
  });

  test("few calls and no new capability are left, and an attack that passes names what keeps its door open", () => {
    const before = portraitOf(stages.synthesis.before, "x86_64");
    const after = portraitOf(stages.synthesis.after, "x86_64");
    expect(after.syscalls).toBeLessThanOrEqual(180);
    expect(before.capabilities).toEqual(expect.arrayContaining([...after.capabilities]));
    const open = attacks().results.filter(({ open }) => open);
    for (const { reason } of open) {
      expect(reason).toMatch(/would stop it|no setting of systemd/);
    }
  });
});
