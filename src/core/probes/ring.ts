/**
 * What the probes share that have an io_uring do what no filter sees: the steps that set a ring up, and an entry as stored words. Every
 * entry takes the first place of the ring, whose table of places holds zeroes; so many completions are kept that none is taken away.
 * Facts: io_uring_setup(2), io_uring_enter(2), core/kernel/io-uring.ts; io_uring_disabled in the kernel's sysctl documentation.
 */
import type { Argument, Need } from "../action/action.ts";
import type { MemoryPlace, StoredWord } from "../elf/shared-words.ts";
import { AT_FDCWD } from "../kernel/at-flags.ts";
import { errnoNumber } from "../kernel/errno.ts";
import {
  ENABLE_RINGS,
  ENTRY_FIELDS,
  PARAMETER_FIELDS,
  RESULT_OF_COMPLETION,
  RING_FLAGS,
  RING_OFFSETS,
  RING_OPERATIONS,
  RING_SIZES,
  type RingCallName,
} from "../kernel/io-uring.ts";
import { MAP_FLAGS, PROT_FLAGS } from "../kernel/memory-flags.ts";
import { OPEN_FLAGS } from "../kernel/open-flags.ts";
import { isOlder } from "../kernel/release.ts";
import { SOCKET_FLAGS } from "../kernel/socket-type.ts";
import { bytes, call, number, resultOf, room, step, text } from "./act.ts";
import type { Machine, NotApplicable, Step } from "./probe.ts";

/** What a ring does: as a step whose call is made by it, and with its entry's fields. */
export interface RingStep {
  readonly name: string;
  readonly operation: RingCallName;
  /** What a call of the same name would be given. */
  readonly arguments: readonly Argument[];
  readonly needs: readonly Need[];
  readonly entry: RingEntry;
  /** How many hundredths of a second it is waited for; ten seconds unless it may have to wait for another machine. */
  readonly patience?: number;
  readonly past?: Step["past"];
}

/** The fields of an entry that its operation reads; the rest is zero. */
export interface RingEntry {
  readonly descriptor?: Argument;
  readonly offset?: Argument;
  readonly address?: Argument;
  readonly length?: number;
  readonly flags?: number;
  readonly descriptor2?: Argument;
  readonly address3?: Argument;
}

const ENTRIES = 4;
const PAGE = 4096;
/** Both rings of so few entries share a page, the entries have one of their own. */
const LOCKED = 2 * PAGE;
const UNPRIVILEGED_SQPOLL = "5.13";
const PATIENCE = 1000;
/** Longer than any attack waits. */
const IDLE_MILLISECONDS = 20_000;
/** What stands in a completion before the kernel writes there. */
const PENDING = -(errnoNumber("EINPROGRESS") ?? 0);

/**
 * What a user has locked is counted for all of its processes, and for a ring until the kernel has taken it down, a while after its
 * process has ended (io_ring_ctx_free() in io_uring/io_uring.c): whoever waits that long has one.
 */
const LOCKED_BY_OTHERS = { errno: "ENOMEM", patience: 50 } as const;

const PARAMETERS = room(RING_SIZES.parameters, "parameters");

/** Whether the rings count as locked memory: before Linux 5.12, and again since 6.14 (io_create_region() in io_uring/memmap.c). */
function countsRings(release: string): boolean {
  return isOlder(release, "5.12") === true || isOlder(release, "6.14") === false;
}

function setupNeeds(disabled: string, release: string): readonly Need[] {
  return [
    ...(disabled === "1" ? [{ kind: "capability", capability: "CAP_SYS_ADMIN", over: "init" } as const] : []),
    ...(countsRings(release) ? [{ kind: "locked-memory", bytes: LOCKED } as const] : []),
  ];
}

function mapStep(name: string, offset: number): Step {
  const protection = number(PROT_FLAGS.PROT_READ | PROT_FLAGS.PROT_WRITE);
  const what = call(
    "mmap",
    number(0),
    number(PAGE),
    protection,
    number(MAP_FLAGS.MAP_SHARED),
    resultOf("setup"),
    number(offset),
  );
  return step(name, what);
}

function setup(needs: readonly Need[], polls: boolean): readonly Step[] {
  const at = (field: number): MemoryPlace => ({ base: PARAMETERS, at: field });
  const stores: readonly StoredWord[] = [
    { to: at(PARAMETER_FIELDS.flags), value: number(RING_FLAGS.SQPOLL | RING_FLAGS.R_DISABLED), size: 4 },
    { to: at(PARAMETER_FIELDS.idle), value: number(IDLE_MILLISECONDS), size: 4 },
  ];
  return [
    step("setup", call("io_uring_setup", number(ENTRIES), PARAMETERS), needs, {
      passing: LOCKED_BY_OTHERS,
      ...(polls ? { stores } : {}),
    }),
    mapStep("rings", RING_OFFSETS.rings),
    mapStep("entries", RING_OFFSETS.entries),
  ];
}

/** Where a word of the rings lies, which the parameters say. */
function inRings(field: number, at = 0): MemoryPlace {
  return { base: resultOf("rings"), plus: { in: PARAMETERS, at: field }, at };
}

function resultPlace(index: number): MemoryPlace {
  return inRings(PARAMETER_FIELDS.completions, index * RING_SIZES.completion + RESULT_OF_COMPLETION);
}

/** The entry, then what its completion holds until it has come, and at last the tail, by which the kernel sees that there is an entry. */
function storesOf({ operation, entry }: RingStep, index: number): readonly StoredWord[] {
  const none = number(0);
  const { descriptor = number(AT_FDCWD), offset = none, address = none, length = 0, flags = 0 } = entry;
  const put = (at: number, value: Argument, size: 4 | 8): StoredWord => ({
    to: { base: resultOf("entries"), at },
    value,
    size,
  });
  return [
    put(ENTRY_FIELDS.operation, number(RING_OPERATIONS[operation].number), 4),
    put(ENTRY_FIELDS.descriptor, descriptor, 4),
    put(ENTRY_FIELDS.offset, offset, 8),
    put(ENTRY_FIELDS.address, address, 8),
    put(ENTRY_FIELDS.length, number(length), 4),
    put(ENTRY_FIELDS.flags, number(flags), 4),
    put(ENTRY_FIELDS.mark, number(index + 1), 8),
    put(ENTRY_FIELDS.descriptor2, entry.descriptor2 ?? none, 4),
    put(ENTRY_FIELDS.address3, entry.address3 ?? none, 8),
    { to: resultPlace(index), value: number(PENDING), size: 4 },
    { to: inRings(PARAMETER_FIELDS.tail), value: number(index + 1), size: 4 },
  ];
}

/** Then its result is there. */
function done(ring: RingStep, index: number): Step {
  const { name, operation, arguments: given, needs, patience = PATIENCE, past } = ring;
  return step(name, { ...call(operation, ...given), through: "ring" }, needs, {
    awaits: { at: resultPlace(index), pending: PENDING, patience },
    ...(past === undefined ? {} : { past }),
  });
}

/** Opening by a ring, as openat(2): the flags beside O_CLOEXEC. */
export function ringOpen(name: string, path: string, flags: number, mode: number, needs: readonly Need[]): RingStep {
  const all = flags | OPEN_FLAGS.O_CLOEXEC;
  return {
    ...{ name, operation: "openat", needs, entry: { address: text(path), length: mode, flags: all } },
    arguments: [number(AT_FDCWD), text(path), number(all), number(mode)],
  };
}

/** Finding the root directory, which is always there. */
export function rootByRing(): RingStep {
  const needs: readonly Need[] = [{ kind: "path", path: "/", access: "look" }];
  return ringOpen("open", "/", OPEN_FLAGS.O_PATH | OPEN_FLAGS.O_DIRECTORY, 0, needs);
}

/** A socket by a ring, as socket(2), named `socket`. */
export function ringSocket(family: number, type: number, protocol = 0, needs: readonly Need[] = []): RingStep {
  const all = type | SOCKET_FLAGS.SOCK_CLOEXEC;
  return {
    ...{ name: "socket", operation: "socket", needs, arguments: [family, all, protocol].map(number) },
    entry: { descriptor: number(family), offset: number(all), length: protocol },
  };
}

/** Binding or connecting what the step `socket` made to an address as bytes, as bind(2) and connect(2). */
export function ringToAddress(
  operation: "bind" | "connect",
  address: readonly number[],
  needs: readonly Need[],
  more: Pick<RingStep, "patience" | "past"> = {},
): RingStep {
  const [socket, to, length] = [resultOf("socket"), bytes(address), number(address.length)];
  return {
    ...{ name: operation, operation, needs, arguments: [socket, to, length] },
    ...{ entry: { descriptor: socket, address: to, offset: length }, ...more },
  };
}

/** The kernel is told of an entry, and does it at once or hands it to a thread. */
function ask(ring: RingStep, index: number): Step {
  const what = call("io_uring_enter", resultOf("setup"), number(1), number(0), number(0), number(0), number(0));
  return step(`ask for ${ring.name}`, what, [], { exactly: 1, stores: storesOf(ring, index) });
}

/**
 * The thread begins to look, and finds the first entry. Without this it might sleep before that is there: only from its first look on it
 * stays awake for a while (io_sq_thread() in io_uring/sqpoll.c).
 */
function enable(ring: RingStep): Step {
  const what = call("io_uring_register", resultOf("setup"), number(ENABLE_RINGS), number(0), number(0));
  return step("enable", what, [], { stores: storesOf(ring, 0) });
}

/** Why a ring cannot do this on a machine; undefined where it can. */
function missing(release: string, disabled: string, ring: readonly RingStep[], polls: boolean): string | undefined {
  if (disabled === "2") {
    return "io_uring is switched off on this machine";
  }
  if (polls && isOlder(release, UNPRIVILEGED_SQPOLL) === true) {
    return `a thread that looks for entries takes privileges before Linux ${UNPRIVILEGED_SQPOLL}, this is ${release}`;
  }
  const late = ring.find(({ operation }) => isOlder(release, RING_OPERATIONS[operation].since) === true);
  return late === undefined
    ? undefined
    : `a ring does ${late.operation} since Linux ${RING_OPERATIONS[late.operation].since}, this is ${release}`;
}

function ringOn(
  machine: Machine,
  ring: readonly RingStep[],
  polls: boolean,
  steps: readonly Step[],
): readonly Step[] | NotApplicable {
  const disabled = machine.sysctl("kernel.io_uring_disabled") ?? "0";
  const release = machine.sysctl("kernel.osrelease") ?? "";
  const reason = missing(release, disabled, ring, polls);
  if (reason !== undefined) {
    return { notApplicable: reason };
  }
  return [...setup(setupNeeds(disabled, release), polls), ...steps];
}

/** Sets up a ring and has it do these one after the other, at most four. */
export function byRing(machine: Machine, ...ring: readonly RingStep[]): readonly Step[] | NotApplicable {
  const steps = ring.flatMap((each, index) => [ask(each, index), done(each, index)]);
  return ringOn(machine, ring, false, steps);
}

/** Sets up a ring that a thread of the kernel's looks after, which does this without being asked by io_uring_enter(2). */
export function byPolledRing(machine: Machine, ring: RingStep): readonly Step[] | NotApplicable {
  return ringOn(machine, [ring], true, [enable(ring), done(ring, 0)]);
}
