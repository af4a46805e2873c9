/**
 * What a ring does, no filter sees: behind one that refuses a call, the call fails, and a ring still does the same. For each operation of
 * the power, so that a wrong belief about it fails here. Tests src/core/kernel/io-uring.ts, src/core/probes/ring.ts, src/core/elf/shared-words.ts.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Argument } from "../../src/core/action/action.ts";
import { encode } from "../../src/core/bpf/instruction.ts";
import { compilePrograms, type ProbeProgram, type ProgramStep } from "../../src/core/elf/compile-programs.ts";
import { decodeRecords } from "../../src/core/elf/record.ts";
import { x8664 } from "../../src/core/elf/x86-64/x86-64.ts";
import { AT_FDCWD } from "../../src/core/kernel/at-flags.ts";
import { littleEndian } from "../../src/core/kernel/bytes.ts";
import { type ErrnoName, errnoNumber } from "../../src/core/kernel/errno.ts";
import { RING_OPERATIONS, type RingCallName } from "../../src/core/kernel/io-uring.ts";
import { isOlder } from "../../src/core/kernel/release.ts";
import { ascii, bytes, call, number, resultOf, room, text } from "../../src/core/probes/act.ts";
import { attacksOn, compileAttacks, programStep } from "../../src/core/probes/attack.ts";
import { ordinaryMachine } from "../../src/core/probes/ordinary-machine.ts";
import { byRing, type RingEntry } from "../../src/core/probes/ring.ts";
import { useIoUring } from "../../src/core/probes/rings/use-io-uring.ts";
import { compile } from "../../src/core/seccomp/compile/compile.ts";
import { is32, policyOf } from "../../src/core/seccomp/policy/build.ts";

/** No call fails with this: it is the filter that speaks. */
const REFUSED = 4001;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cloison-rings-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** An operation: its entry in a folder of its own, which holds the file `five` of five bytes, and what has to be there before. */
interface Tried {
  readonly before?: readonly ProgramStep[];
  readonly entry: (at: string) => RingEntry;
  /** The result: a number, "some" descriptor, or an error that only the operation itself gives. */
  readonly gives: number | "some" | ErrnoName;
}

const FIVE = bytes(ascii("hello"));
const vector = (buffer: Argument): Argument => ({ kind: "pointers", to: [buffer, number(5)] });
/** struct msghdr of one vector. */
const message = (buffer: Argument): Argument => ({
  kind: "pointers",
  to: [number(0), number(0), vector(buffer), number(1), number(0), number(0), number(0)],
});
const abstract = (name: string): Argument => bytes([1, 0, 0, ...ascii(`cloison-rings-${process.pid}-${name}`)]);
const lengthOf = (name: string): Argument => number(3 + `cloison-rings-${process.pid}-${name}`.length);

const does = (name: string, ...what: Parameters<typeof call>): ProgramStep => ({ name, call: call(...what) });
/** The descriptors that a call wrote into a room. */
const both = (of: string): readonly ProgramStep[] =>
  [0, 1].map((side) => ({
    name: `${of} ${side}`,
    awaits: { at: { base: room(8, of), at: 4 * side }, pending: -1, patience: 1 },
  }));
const file = does("file", "open", text("five"), number(2), number(0));
const pair = [does("pair made", "socketpair", number(1), number(1), number(0), room(8, "pair")), ...both("pair")];
const filled = [...pair, does("fill", "write", resultOf("pair 1"), FIVE, number(5))];
const pipe = [does("pipe made", "pipe2", room(8, "pipe"), number(0)), ...both("pipe")];
const socket = does("socket", "socket", number(1), number(0o4001), number(0));
const bound = (name: string) => [socket, does("bound", "bind", resultOf("socket"), abstract(name), lengthOf(name))];
const epoll = [...pair, does("epoll", "epoll_create1", number(0))];
/** struct epoll_event: EPOLLOUT, which a fresh socket always is ready for. */
const event = bytes([...littleEndian(4, 4), ...littleEndian(0, 8)]);
const attribute = text("user.cloison");
const onFile =
  (entry: Omit<RingEntry, "descriptor">): Tried["entry"] =>
  () => ({ descriptor: resultOf("file"), ...entry });
const onPair =
  (entry: Omit<RingEntry, "descriptor">): Tried["entry"] =>
  () => ({ descriptor: resultOf("pair 0"), ...entry });
const set = does("set", "fsetxattr", resultOf("file"), attribute, FIVE, number(5), number(0));

const TRIED: { readonly [name in RingCallName]: Tried } = {
  readv: { before: [file], entry: onFile({ address: vector(room(8)), length: 1 }), gives: 5 },
  writev: { before: [file], entry: onFile({ address: vector(FIVE), length: 1 }), gives: 5 },
  read: { before: [file], entry: onFile({ address: room(8), length: 5 }), gives: 5 },
  write: { before: [file], entry: onFile({ address: FIVE, length: 5 }), gives: 5 },
  fsync: { before: [file], entry: onFile({}), gives: 0 },
  sync_file_range: { before: [file], entry: onFile({ length: 5, flags: 2 }), gives: 0 },
  fallocate: { before: [file], entry: onFile({ address: number(4096) }), gives: 0 },
  ftruncate: { before: [file], entry: onFile({ offset: number(1) }), gives: 0 },
  fadvise64: { before: [file], entry: onFile({ length: 5 }), gives: 0 },
  close: { before: [file], entry: onFile({}), gives: 0 },
  madvise: { entry: () => ({ address: resultOf("rings"), length: 4096 }), gives: 0 },
  openat: { entry: () => ({ address: text("five") }), gives: "some" },
  openat2: { entry: () => ({ address: text("five"), length: 24, offset: room(24) }), gives: "some" },
  statx: { entry: () => ({ address: text("five"), length: 0x7ff, offset: room(256) }), gives: 0 },
  renameat2: { entry: (at) => ({ address: text("five"), length: AT_FDCWD, offset: text(`${at}/new`) }), gives: 0 },
  unlinkat: { entry: () => ({ address: text("five") }), gives: 0 },
  mkdirat: { entry: () => ({ address: text("new"), length: 0o700 }), gives: 0 },
  symlinkat: { entry: () => ({ address: text("five"), offset: text("new") }), gives: 0 },
  linkat: { entry: () => ({ address: text("five"), length: AT_FDCWD, offset: text("new") }), gives: 0 },
  fsetxattr: { before: [file], entry: onFile({ address: attribute, offset: FIVE, length: 5 }), gives: 0 },
  setxattr: { entry: () => ({ address: attribute, offset: FIVE, length: 5, address3: text("five") }), gives: 0 },
  fgetxattr: { before: [file, set], entry: onFile({ address: attribute, offset: room(8), length: 8 }), gives: 5 },
  getxattr: {
    before: [file, set],
    entry: () => ({ address: attribute, offset: room(8), length: 8, address3: text("five") }),
    gives: 5,
  },
  sendmsg: { before: pair, entry: onPair({ address: message(FIVE), length: 1 }), gives: 5 },
  sendto: { before: pair, entry: onPair({ address: FIVE, length: 5 }), gives: 5 },
  recvmsg: { before: filled, entry: onPair({ address: message(room(8)), length: 1 }), gives: 5 },
  recvfrom: { before: filled, entry: onPair({ address: room(8), length: 5 }), gives: 5 },
  shutdown: { before: pair, entry: onPair({ length: 2 }), gives: 0 },
  socket: { entry: () => ({ descriptor: number(1), offset: number(1) }), gives: "some" },
  connect: {
    before: [socket],
    entry: () => ({ descriptor: resultOf("socket"), address: abstract("none"), offset: lengthOf("none") }),
    gives: "ECONNREFUSED",
  },
  bind: {
    before: [socket],
    entry: () => ({ descriptor: resultOf("socket"), address: abstract("bind"), offset: lengthOf("bind") }),
    gives: 0,
  },
  listen: { before: bound("listen"), entry: () => ({ descriptor: resultOf("socket"), length: 1 }), gives: 0 },
  accept4: {
    before: [
      ...bound("accept"),
      does("listens", "listen", resultOf("socket"), number(1)),
      does("client", "socket", number(1), number(1), number(0)),
      does("connected", "connect", resultOf("client"), abstract("accept"), lengthOf("accept")),
    ],
    entry: () => ({ descriptor: resultOf("socket") }),
    gives: "some",
  },
  splice: {
    before: [file, ...pipe],
    entry: () => ({
      ...{ descriptor: resultOf("pipe 1"), offset: number(-1), address: number(0), length: 5 },
      descriptor2: resultOf("file"),
    }),
    gives: 5,
  },
  tee: {
    before: [
      ...pipe,
      does("fill", "write", resultOf("pipe 1"), FIVE, number(5)),
      does("other made", "pipe2", room(8, "other"), number(0)),
      ...both("other"),
    ],
    entry: () => ({ descriptor: resultOf("other 1"), length: 5, descriptor2: resultOf("pipe 0") }),
    gives: 5,
  },
  epoll_ctl: {
    before: epoll,
    entry: () => ({ descriptor: resultOf("epoll"), address: event, length: 1, offset: resultOf("pair 0") }),
    gives: 0,
  },
  epoll_wait: {
    before: [...epoll, does("added", "epoll_ctl", resultOf("epoll"), number(1), resultOf("pair 0"), event)],
    entry: () => ({ descriptor: resultOf("epoll"), address: room(32), length: 1 }),
    gives: 1,
  },
  // Of any child (P_ALL), one that has ended: there is none.
  waitid: { entry: () => ({ descriptor: number(0), descriptor2: number(4) }), gives: "ECHILD" },
  // A word of 32 bits (FUTEX2_SIZE_U32) that is not 1.
  futex_wait: {
    entry: () => ({ descriptor: number(2), address: room(8), offset: number(1), address3: number(0xffffffff) }),
    gives: "EAGAIN",
  },
  futex_wake: {
    entry: () => ({ descriptor: number(2), address: room(8), offset: number(1), address3: number(0xffffffff) }),
    gives: 0,
  },
  pipe2: { entry: () => ({ descriptor: number(0), address: room(8) }), gives: 0 },
};

/** A filter that refuses one call, but for the records that the program writes. */
function filterOf(name: RingCallName): ProgramStep {
  const when = name === "write" ? [is32(0, "ne", 1)] : [];
  const compiled = compile(policyOf([{ calls: [name], when, action: { kind: "errno", errno: REFUSED } }]));
  if (!compiled.ok) {
    throw new Error(`the filter of ${name} was not compiled`);
  }
  const { program } = compiled.value;
  const fprog: Argument = { kind: "pointers", to: [number(program.length), bytes(encode(program, true))] };
  return does("filter", "seccomp", number(1), number(0), fprog);
}

function programOf(name: RingCallName): ProbeProgram {
  const { before = [], entry } = TRIED[name];
  const at = join(folder, name);
  mkdirSync(at);
  writeFileSync(join(at, "five"), "12345");
  const machine = { ...ordinaryMachine, sysctl: () => undefined };
  const ring = byRing(machine, { name: "ring", operation: name, arguments: [], needs: [], entry: entry(at) });
  const steps = "notApplicable" in ring ? [] : ring;
  return {
    identity: [],
    steps: [
      does("chdir", "chdir", text(at)),
      ...before,
      does("no new privileges", "prctl", number(38), number(1), number(0), number(0), number(0)),
      filterOf(name),
      { ...does("call", name, ...[0, 0, 0, 0, 0, 0].map(number)), optional: true },
      ...steps.map(programStep),
    ],
  };
}

const names = Object.keys(TRIED) as RingCallName[];

test("a filter refuses each call, and a ring does the same", () => {
  const programs = names.map(programOf);
  const path = join(folder, "programs");
  writeFileSync(path, compilePrograms(programs, x8664), { mode: 0o755 });
  const { status, stdout } = spawnSync(path, [], { maxBuffer: 1 << 24 });
  expect(status).toBe(0);
  const told = new Map<string, Record<string, bigint>>();
  let at: number | undefined;
  for (const { kind, index, value } of decodeRecords(stdout)) {
    if (kind === "program") {
      at = index;
      told.set(names[index] ?? "", {});
    } else if (kind === "step" && at !== undefined) {
      const step = programs[at]?.steps[index]?.name ?? "";
      Object.assign(told.get(names[at] ?? "") ?? {}, { [step]: value });
    }
  }
  for (const name of names) {
    const { call: called, ring, ...rest } = told.get(name) ?? {};
    expect({ name, called }, `with ${Object.keys(rest).join(", ")}`).toEqual({ name, called: BigInt(-REFUSED) });
    const { gives } = TRIED[name];
    if (isOlder(release(), RING_OPERATIONS[name].since) === true) {
      expect({ name, ring }).toEqual({ name, ring: -22n });
    } else if (gives === "some") {
      expect(Number(ring), name).toBeGreaterThan(2);
    } else {
      const value = typeof gives === "number" ? BigInt(gives) : -BigInt(errnoNumber(gives) ?? 0);
      expect({ name, ring }).toEqual({ name, ring: value });
    }
  }
});

test("a ring waits for the locked memory of those before it, which the kernel gives back a while after their end", () => {
  const attack = attacksOn(ordinaryMachine, [useIoUring]).attacks[0];
  const path = join(folder, "locked");
  const as = { uid: 65534, gid: 65534 };
  writeFileSync(path, compileAttacks(attack === undefined ? [] : [{ attack, as }]), { mode: 0o755 });
  chmodSync(folder, 0o755);
  const statuses = Array.from(
    { length: 5 },
    () => spawnSync("/bin/sh", ["-c", 'ulimit -l 8; exec "$0" 0', path], { stdio: "ignore" }).status,
  );
  expect(statuses).toEqual([95, 95, 95, 95, 95]);
});

test("a word that nobody writes is not waited for longer than was said", () => {
  const awaits = { at: { base: room(8, "word"), at: 0 }, pending: 0, patience: 3 };
  const path = join(folder, "waits");
  const steps = [{ name: "word", awaits, exactly: 1 }];
  writeFileSync(path, compilePrograms([{ identity: [], steps }], x8664), { mode: 0o755 });
  const began = performance.now();
  const { status, stdout } = spawnSync(path, ["0"]);
  expect(status).toBe(1);
  expect(decodeRecords(stdout).at(-1)).toEqual({ kind: "step", index: 0, value: 0n });
  expect(performance.now() - began).toBeGreaterThan(20);
});
