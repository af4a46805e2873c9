/**
 * Laws of core/bpf: bytes and text survive a round trip, and no input throws or hangs. CLOISON_RUNS=n tries more. Tests
 * src/core/bpf.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { assemble, type Statement } from "../../src/core/bpf/assemble.ts";
import { assembleText } from "../../src/core/bpf/assemble-text.ts";
import { analyseCache, constancy } from "../../src/core/bpf/cache.ts";
import { dataWords, fieldAt, fieldOfText, fieldText, offsetOf } from "../../src/core/bpf/data.ts";
import { disassemble } from "../../src/core/bpf/disassemble.ts";
import { emulate, emulateWords } from "../../src/core/bpf/emulate.ts";
import { decode, encode, type Instruction } from "../../src/core/bpf/instruction.ts";
import { isConditionalJump, isReturn, OPCODES } from "../../src/core/bpf/opcode.ts";
import { meaningOf, returnOfText, returnText } from "../../src/core/bpf/return-value.ts";
import { validate } from "../../src/core/bpf/validate.ts";
import { weightOf } from "../../src/core/bpf/weight.ts";
import { ABIS } from "../../src/core/kernel/syscalls/syscall.ts";

const runs = { numRuns: Number(process.env.CLOISON_RUNS ?? 300) };
const word = fc.oneof(
  fc.constantFrom(0, 1, 63, 0x40000000, 0x80000000, 0xc000003e, 0x40000003, 0xc00000b7, 0x7fff0000, 0xffffffff),
  fc.nat(500),
  fc.integer({ min: 0, max: 0xffffffff }),
);
const byte = fc.oneof(fc.nat(8), fc.nat(255));
const anything: fc.Arbitrary<Instruction> = fc.record({ code: fc.nat(0xffff), jt: byte, jf: byte, k: word });
/** A permitted operation with sensible fields, so that names and labels are printed. */
const sensible: fc.Arbitrary<Instruction> = fc
  .tuple(fc.constantFrom(...Object.values(OPCODES)), byte, byte, word, fc.nat(15))
  .map(([code, jt, jf, k, small]) => {
    if (code === OPCODES.LD_ABS) {
      return { code, jt: 0, jf: 0, k: small * 4 };
    }
    if (code === OPCODES.JA) {
      return { code, jt: 0, jf: 0, k: small };
    }
    return isConditionalJump(code) ? { code, jt, jf, k } : { code, jt: 0, jf: 0, k };
  });
const program = fc.array(fc.oneof({ weight: 5, arbitrary: sensible }, { weight: 1, arbitrary: anything }), {
  maxLength: 60,
});

test("decode(encode(program)) is the program, in both byte orders; other bytes are a diagnostic", () => {
  fc.assert(
    fc.property(fc.array(anything), fc.boolean(), (instructions, little) => {
      expect(decode(encode(instructions, little), little)).toEqual({ ok: true, value: instructions, diagnostics: [] });
    }),
    runs,
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.boolean(), (bytes, little) => {
      const result = decode(bytes, little);
      expect(result.ok).toBe(bytes.length % 8 === 0);
      if (result.ok) {
        expect(encode(result.value, little)).toEqual(bytes);
      } else {
        expect(result.diagnostics.map(({ code }) => code)).toEqual(["bpf-length"]);
      }
    }),
    runs,
  );
});

test("what disassemble prints assembles to the same program, whatever it was", () => {
  const options = fc.record({
    littleEndian: fc.boolean(),
    abi: fc.option(fc.constantFrom(...ABIS), { nil: undefined }),
    indices: fc.boolean(),
  });
  fc.assert(
    fc.property(program, options, (instructions, { abi, ...rest }) => {
      const text = disassemble(instructions, abi === undefined ? rest : { ...rest, abi });
      const result = assembleText(text);
      expect(result, text).toEqual({
        ok: true,
        value: { program: instructions, littleEndian: rest.littleEndian },
        diagnostics: [],
      });
    }),
    runs,
  );
});

test("any program: validate, weigh, emulate and the cache give an answer; an accepted one always returns", () => {
  fc.assert(
    fc.property(
      program,
      word,
      word,
      fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 8 }),
      (p, nr, arch, args) => {
        const faults = validate(p);
        expect(weightOf(p)).toBeGreaterThanOrEqual(p.length + 3);
        const outcome = emulate(p, { arch, nr, args });
        if (faults.length === 0) {
          expect(outcome.kind).toBe("return");
        }
        for (const { code, message } of faults) {
          expect(code).toMatch(/^bpf-/);
          if (code !== "bpf-length") {
            expect(message).toMatch(/^instruction \d+: /);
          }
        }
        const result = constancy(p, arch, nr);
        if (result.kind === "constant") {
          expect(outcome).toMatchObject({ kind: "return", value: 0x7fff0000 });
        } else {
          expect(result.reason).not.toBe("");
        }
      },
    ),
    runs,
  );
});

/** The kernel caches a call if arguments and instruction pointer do not matter to it: many of both are tried. */
test("a cached call is allowed whatever its arguments; what keeps a call from the cache is an instruction that runs", () => {
  const simple = fc.array(
    fc.oneof(
      fc.constantFrom<Instruction>(
        { code: OPCODES.LD_ABS, jt: 0, jf: 0, k: 0 },
        { code: OPCODES.LD_ABS, jt: 0, jf: 0, k: 4 },
        { code: OPCODES.LD_ABS, jt: 0, jf: 0, k: 16 },
        { code: OPCODES.AND, jt: 0, jf: 0, k: 3 },
        { code: OPCODES.ADD, jt: 0, jf: 0, k: 1 },
      ),
      fc
        .tuple(fc.constantFrom(OPCODES.JEQ, OPCODES.JGT, OPCODES.JGE, OPCODES.JSET), fc.nat(3), fc.nat(3), fc.nat(6))
        .map(([code, jt, jf, k]): Instruction => ({ code, jt, jf, k })),
    ),
    { maxLength: 12 },
  );
  const ret = (k: number): Instruction => ({ code: OPCODES.RET, jt: 0, jf: 0, k });
  let cached = 0;
  fc.assert(
    fc.property(simple, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (body, value) => {
      const p = [...body, ret(0x7fff0000), ret(0x7fff0000), ret(0x50001), ret(0x7fff0000)];
      const numbers = [0, 1, 2, 3, 4, 5, 6];
      const { cached: always, spoilt } = analyseCache([p], 0xc000003e, numbers);
      expect([...always, ...spoilt.map(({ number }) => number)].sort()).toEqual(numbers);
      cached += always.length;
      const data = (nr: number) => ({
        arch: 0xc000003e,
        nr,
        instructionPointer: value,
        args: new Array(6).fill(value),
      });
      for (const nr of always) {
        expect(emulate(p, data(nr))).toMatchObject({ kind: "return", value: 0x7fff0000 });
      }
      for (const { number, at } of spoilt) {
        const ran: number[] = [];
        emulate(p, data(number), true, (index) => ran.push(index));
        expect(ran).toContain(at);
      }
    }),
    runs,
  );
  expect(cached).toBeGreaterThan(runs.numRuns);
});

test("a field's offset and text are inverse, in both byte orders", () => {
  for (const little of [true, false]) {
    for (let offset = 0; offset < 64; offset += 4) {
      const field = fieldAt(offset, little)!;
      expect(offsetOf(field, little)).toBe(offset);
      expect(fieldOfText(fieldText(field))).toEqual(field);
    }
  }
  expect([fieldAt(64, true), fieldAt(2, true), fieldAt(-4, true), fieldOfText("args[6].lo")]).toEqual(
    new Array(4).fill(undefined),
  );
});

test("dataWords lies in memory as the machine's own struct would", () => {
  const value = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  fc.assert(
    fc.property(word, word, value, fc.array(value, { maxLength: 6 }), fc.boolean(), (arch, nr, ip, args, little) => {
      const struct = new DataView(new ArrayBuffer(64));
      struct.setUint32(0, nr, little);
      struct.setUint32(4, arch, little);
      for (const [index, each] of [ip, ...args].entries()) {
        struct.setBigUint64(8 + 8 * index, each, little);
      }
      const words = dataWords({ arch, nr, instructionPointer: ip, args }, little);
      expect([...words]).toEqual(Array.from({ length: 16 }, (_, index) => struct.getUint32(4 * index, little)));
    }),
    runs,
  );
});

test("a return value's text gives the value back, and its meaning is the kernel's", () => {
  const values = fc.oneof(
    word,
    fc
      .tuple(fc.constantFrom(0x80000000, 0, 0x30000, 0x50000, 0x7fc00000, 0x7ff00000, 0x7ffc0000), fc.nat(0xffff))
      .map(([action, data]) => (action | data) >>> 0),
  );
  fc.assert(
    fc.property(values, (value) => {
      const text = returnText(value);
      expect(returnOfText(text) ?? Number(text)).toBe(value);
      expect(meaningOf(value).data).toBeLessThanOrEqual(meaningOf(value).action === "ERRNO" ? 4095 : 0xffff);
    }),
    runs,
  );
  expect(meaningOf(0x12340000).action).toBe("KILL_PROCESS");
  expect(meaningOf(0x0005ffff)).toEqual({ action: "ERRNO", data: 4095 });
});

/** One of the returns at the end, the shared one, or undefined for the next statement. */
function labelOf(pick: number): string | undefined {
  if (pick < 5) {
    return `out${pick}`;
  }
  return pick < 7 ? "shared" : undefined;
}

/** A chain of tests, some of whose targets are far away. */
const chain = fc
  .array(
    fc.record({
      code: fc.constantFrom(OPCODES.JEQ, OPCODES.JGT, OPCODES.JSET),
      k: fc.nat(600),
      yes: fc.nat(9),
      no: fc.nat(9),
    }),
    {
      minLength: 1,
      maxLength: 700,
      size: "max",
    },
  )
  .map((tests) => {
    const statements: Statement[] = [{ kind: "plain", code: OPCODES.LD_ABS, k: 0 }];
    for (const { code, k, yes, no } of tests) {
      const [left, right] = [labelOf(yes), labelOf(no)];
      statements.push({
        kind: "branch",
        code,
        k,
        ...(left === undefined ? {} : { yes: left }),
        ...(right === undefined ? {} : { no: right }),
      });
    }
    for (let index = 0; index < 5; index += 1) {
      statements.push({ kind: "label", name: `out${index}` }, { kind: "plain", code: OPCODES.RET, k: 0x50000 + index });
    }
    statements.push({ kind: "label", name: "shared" }, { kind: "plain", code: OPCODES.ADD, k: 1 });
    statements.push({ kind: "plain", code: OPCODES.RET_A, k: 0 });
    return statements;
  });

function holds(code: number, a: number, k: number): boolean {
  if (code === OPCODES.JEQ) {
    return a === k;
  }
  return code === OPCODES.JGT ? a > k : (a & k) !== 0;
}

/** What statements return, interpreted directly with their labels. */
function resultOf(statements: readonly Statement[], nr: number): number {
  let a = 0;
  let at = 0;
  const find = (name: string) => statements.findIndex((each) => each.kind === "label" && each.name === name);
  for (;;) {
    const statement = statements[at]!;
    at += 1;
    if (statement.kind === "goto") {
      at = find(statement.to);
    }
    if (statement.kind === "branch") {
      const label = holds(statement.code, a, statement.k) ? statement.yes : statement.no;
      if (label !== undefined) {
        at = find(label);
      }
    }
    if (statement.kind !== "plain") {
      continue;
    }
    if (statement.code === OPCODES.LD_ABS) {
      a = nr;
    }
    if (statement.code === OPCODES.ADD) {
      a += statement.k;
    }
    if (isReturn(statement.code)) {
      return statement.code === OPCODES.RET ? statement.k : a;
    }
  }
}

test("jumps lead where their labels say, however far, and no trampoline is made without need", () => {
  let far = 0;
  fc.assert(
    fc.property(chain, fc.array(fc.nat(700), { minLength: 5, maxLength: 5 }), (statements, numbers) => {
      const result = assemble(statements);
      if (!result.ok) {
        throw new Error(result.diagnostics[0]!.message);
      }
      const { value: assembled } = result;
      expect(validate(assembled)).toEqual([]);
      const least = statements.filter(({ kind }) => kind !== "label").length;
      if (least <= 256) {
        expect(assembled.length).toBe(least);
      }
      far += assembled.length - least;
      for (const nr of numbers) {
        const outcome = emulateWords(assembled, dataWords({ arch: 0, nr }, true));
        expect(outcome).toMatchObject({ kind: "return", value: resultOf(statements, nr) });
      }
    }),
    { numRuns: Math.ceil(runs.numRuns / 5) },
  );
  expect(far).toBeGreaterThan(0);
});

test("any text is a program or diagnostics with places, and never an exception", () => {
  const token = fc.constantFrom(
    ..."ld ldx st jeq jne ja ret raw add neg .abi .endian x86_64 big nr arch args[0].lo M[3] #1 [4] x a len".split(" "),
    ..."ALLOW ERRNO(1) ERRNO(99999) L1 L1: openat AUDIT_ARCH_X86_64 constructor __proto__ , ; :".split(" "),
    ..."-1 0x1ffffffff".split(" "),
    ...["\n", "\n", "\n"],
  );
  const text = fc.oneof(
    fc.array(fc.oneof(token, fc.string({ maxLength: 4 })), { maxLength: 30 }).map((tokens) => tokens.join(" ")),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => String.fromCharCode(...bytes)),
  );
  fc.assert(
    fc.property(text, (source) => {
      const result = assembleText(source, "f");
      if (result.ok) {
        const { program: assembled, littleEndian } = result.value;
        const again = assembleText(disassemble(assembled, { littleEndian }));
        expect(again).toEqual({ ...result, value: { program: assembled, littleEndian } });
      } else {
        expect(result.diagnostics.length).toBeGreaterThan(0);
        for (const { code, span } of result.diagnostics) {
          expect(code).toMatch(/^bpf-/);
          expect(span!.line).toBeLessThanOrEqual(source.split(/\r?\n/).length);
          expect(span!.column).toBeGreaterThan(0);
        }
      }
    }),
    { numRuns: runs.numRuns * 2 },
  );
});
