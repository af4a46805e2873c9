/** Error names in policies of machines with numbers of their own. Oracle: asm/errno.h of mips (ENOSYS is 89), as kernel/kernel.test.ts has it. */
import { expect, test } from "vitest";
import { disassemble } from "../../bpf/disassemble.ts";
import { emulate } from "../../bpf/emulate.ts";
import { type Abi, numberOf, tableOf } from "../../kernel/syscalls/syscall.ts";
import { diff } from "../compare/diff.ts";
import { prove } from "../compare/prove.ts";
import { compile } from "../compile/compile.ts";
import { decompile } from "../decompile/decompile.ts";
import { explain, explanationText } from "../explain/explain.ts";
import { writeProfile } from "../oci/write.ts";
import { denyList } from "./build.ts";
import { evaluate } from "./evaluate.ts";
import type { Policy } from "./policy.ts";

const ENOSYS = { mips64el: 89, mips: 89, x86_64: 38, ppc64le: 38 } as const;

function programOf(policy: Policy): { readonly program: Parameters<typeof prove>[0]; readonly littleEndian: boolean } {
  const compiled = compile(policy);
  if (!compiled.ok) {
    throw new Error(JSON.stringify(compiled.diagnostics));
  }
  return compiled.value;
}

test.each(Object.keys(ENOSYS) as (keyof typeof ENOSYS)[])("the name of an error is %s's own", (abi) => {
  const policy = denyList(["reboot"], { kind: "errno", errno: "ENOSYS" }, [abi]);
  const { program, littleEndian } = programOf(policy);
  const number = numberOf(abi, "reboot") ?? 0;
  const value = 0x00050000 + ENOSYS[abi];
  expect(emulate(program, { arch: tableOf(abi).audit, nr: number }, littleEndian)).toMatchObject({ value });
  expect(prove(program, policy)).toEqual({ kind: "holds" });

  const back = decompile({ kind: "program", program, littleEndian });
  expect(back.ok && back.value.abis[abi]?.rules).toEqual([
    { calls: [number], when: [], action: { kind: "errno", errno: "ENOSYS" } },
  ]);
  expect(explanationText(explain({ kind: "program", program, littleEndian }))).toContain("ERRNO(ENOSYS)");
  expect(disassemble(program, { littleEndian })).toMatch(new RegExp(`ret ERRNO\\(${ENOSYS[abi]}\\) +; ENOSYS`));
  const profile = writeProfile(policy);
  expect(profile.ok && profile.value).toContain(`"errnoRet": ${ENOSYS[abi]}`);
  const answer = evaluate(policy, { abi, number, arguments: [] });
  expect(answer).toEqual({ kind: "errno", errno: abi.startsWith("mips") ? 89 : "ENOSYS" });
});

test("a comparison of mips filters tells numbers", () => {
  const of = (errno: "ENOSYS" | "EPERM"): Policy => denyList(["reboot"], { kind: "errno", errno }, ["mips64el"]);
  const compared = diff({ kind: "policy", policy: of("ENOSYS") }, { kind: "policy", policy: of("EPERM") });
  const [difference] = compared.kind === "compared" ? compared.differences : [];
  expect(difference?.examples.other).toMatchObject({ first: { errno: 89 }, second: { errno: 1 } });
});

test("a difference that a proof finds on mips has numbers, which are not those of the names", () => {
  const deny = (errno: number): Policy => denyList(["reboot"], { kind: "errno", errno }, ["mips64el"]);
  const proof = prove(programOf(deny(38)).program, deny(39));
  expect(proof).toMatchObject({ kind: "differs", expected: { errno: 39 }, actual: { errno: 38 } });
});

test("a number is the same on every ABI, and one policy has the numbers of each", () => {
  const abis: readonly Abi[] = ["mips64el", "aarch64"];
  const named = denyList(["reboot"], { kind: "errno", errno: "EDQUOT" }, abis);
  const said = denyList(["reboot"], { kind: "errno", errno: 38 }, abis);
  const answers = (policy: Policy): readonly unknown[] =>
    abis.map((abi) => {
      const data = { arch: tableOf(abi).audit, nr: numberOf(abi, "reboot") ?? 0 };
      return emulate(programOf(policy).program, data, true);
    });
  expect(answers(named)).toMatchObject([{ value: 0x00050000 + 1133 }, { value: 0x00050000 + 122 }]);
  expect(answers(said)).toMatchObject([{ value: 0x00050026 }, { value: 0x00050026 }]);
});
