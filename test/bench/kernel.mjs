/**
 * What filters cost in the kernel: the time to attach them, and what they add to a call. A static program of our own
 * compiler attaches them and makes each call some thousand times, between readings of the time-stamp counter. The calls
 * are made so that the kernel refuses them at once: what is left is the entry and the filters. Needs Linux on x86-64.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { elfImage } from "../../dist/core/elf/image.js";
import { memory } from "../../dist/core/elf/memory.js";
import { assembler } from "../../dist/core/elf/x86-64/assemble.js";
import { x8664 } from "../../dist/core/elf/x86-64/x86-64.js";
import { encodeProgram, numberOf } from "../../dist/core/index.js";
import { table } from "./table.mjs";

const ARGUMENTS = ["rdi", "rsi", "rdx", "r10", "r8", "r9"];
const BATCHES = 40;
const CALLS_PER_BATCH = 500;

/** EBADF, EINVAL, EINVAL, EINVAL: refused by the first look at the arguments, which the filters let pass. */
const calls = [
  { name: "openat", args: (place) => [-1n, BigInt(place.text("x")), 0n, 0n] },
  { name: "socket", args: () => [1n, 0xffn, 0n] },
  { name: "mmap", args: () => [0n, 0n, 1n, 2n, -1n, 0n] },
  { name: "clone", args: () => [0x800n, 0n, 0n, 0n, 0n] },
  { name: "getppid", args: () => [] },
];

function emitCall(code, name, args) {
  for (const [index, value] of args.entries()) {
    code.load(ARGUMENTS[index], BigInt.asUintN(64, value));
  }
  code.load("rax", BigInt(numberOf("x86_64", name)));
  code.bytes(0x0f, 0x05);
}

/** rdtsc; the halves joined in rax; stored. */
function emitStamp(code, address) {
  code.bytes(0x0f, 0x31, 0x48, 0xc1, 0xe2, 0x20, 0x48, 0x09, 0xd0);
  code.storeTo(address, "rax");
}

function emitClock(code, address) {
  emitCall(code, "clock_gettime", [1n, BigInt(address)]);
}

/** Bytes of `struct sock_fprog`: the length and where the instructions are. */
function fprog(place, program) {
  const at = place.bytes([...encodeProgram(program, true)]);
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, program.length, true);
  view.setBigUint64(8, BigInt(at), true);
  return place.bytes([...bytes]);
}

const STAMPS = 3 + calls.length * (BATCHES + 1);

/** The program: writes clocks, then all stamps, then the result of attaching. */
function image(programs) {
  const [code, place] = [assembler(), memory()];
  const out = place.room(32 + 8 * STAMPS + 8);
  const stamp = (index) => out + 32 + 8 * index;
  emitCall(code, "prctl", [38n, 1n, 0n, 0n, 0n]);
  emitClock(code, out);
  emitStamp(code, stamp(0));
  for (const program of programs) {
    emitCall(code, "seccomp", [1n, 0n, BigInt(fprog(place, program))]);
    code.compareWith("rax", 0);
    code.jump("not-equal", "failed");
  }
  emitStamp(code, stamp(1));
  let next = 2;
  for (const { name, args } of calls) {
    emitStamp(code, stamp(next));
    next += 1;
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const label = `${name} ${batch}`;
      code.load("r12", BigInt(CALLS_PER_BATCH));
      code.label(label);
      emitCall(code, name, args(place));
      code.bytes(0x49, 0x83, 0xec, 0x01); // sub r12, 1
      code.jump("not-equal", label);
      emitStamp(code, stamp(next));
      next += 1;
    }
  }
  emitStamp(code, stamp(next));
  emitClock(code, out + 16);
  emitCall(code, "write", [1n, BigInt(out), BigInt(32 + 8 * STAMPS)]);
  code.load("rdi", 0n);
  code.jump("always", "end");
  code.label("failed");
  code.load("rdi", 1n);
  code.label("end");
  code.load("rax", BigInt(numberOf("x86_64", "exit_group")));
  code.bytes(0x0f, 0x05);
  return elfImage({ code: code.finish(), data: place.data(), room: place.roomSize() }, x8664);
}

/** One run: nanoseconds to attach, and per call. */
function measure(path) {
  const { stdout, status, signal } = spawnSync(path, { maxBuffer: 1 << 20 });
  if (status !== 0) {
    throw new Error(`the program ended with ${signal ?? status}`);
  }
  const seconds = (at) => stdout.readBigInt64LE(at) * 1_000_000_000n + stdout.readBigInt64LE(at + 8);
  const stamps = Array.from({ length: STAMPS }, (_, index) => stdout.readBigUInt64LE(32 + 8 * index));
  const perTick = Number(seconds(16) - seconds(0)) / Number(stamps[STAMPS - 1] - stamps[0]);
  const between = (from, to) => Number(stamps[to] - stamps[from]) * perTick;
  const costs = calls.map((_, place) => {
    const first = 2 + place * (BATCHES + 1);
    const batches = Array.from({ length: BATCHES }, (_, batch) => between(first + batch, first + batch + 1));
    return Math.min(...batches) / CALLS_PER_BATCH;
  });
  return { attach: between(0, 1), costs };
}

/** `stacks`: by name the programs that are attached. Runs alternate, and the least of each figure counts. */
export function kernel(stacks) {
  const directory = mkdtempSync(join(tmpdir(), "cloison-bench-"));
  try {
    const paths = Object.entries(stacks).map(([name, programs], index) => {
      const path = join(directory, String(index));
      writeFileSync(path, image(programs));
      chmodSync(path, 0o755);
      return { name, programs, path };
    });
    const best = paths.map(() => ({
      attach: Number.POSITIVE_INFINITY,
      costs: calls.map(() => Number.POSITIVE_INFINITY),
    }));
    for (let run = 0; run < 12; run += 1) {
      for (const [index, { path }] of paths.entries()) {
        const { attach, costs } = measure(path);
        const known = best[index];
        known.attach = Math.min(known.attach, attach);
        known.costs = known.costs.map((cost, place) => Math.min(cost, costs[place]));
      }
    }
    const head = ["", "programs", "instructions", "attach, µs", ...calls.map(({ name }) => `${name}, ns`)];
    const rows = paths.map(({ name, programs }, index) => [
      name,
      programs.length,
      programs.reduce((sum, program) => sum + program.length, 0),
      (best[index].attach / 1000).toFixed(0),
      ...best[index].costs.map((cost) => cost.toFixed(0)),
    ]);
    table("In the kernel: least of 12 runs; each call is refused at once, behind the filters", [head, ...rows]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
