/**
 * What a compiled program says while it runs: one record of 16 bytes per step, written right after the step, so that a
 * later death cannot lose it.
 *
 *     0  4  "CLSN"
 *     4  2  kind: 1 a program begins, 2 a step, 3 a change of identity before the steps, 4 a program has ended,
 *           5 all programs wait for leave to begin
 *     6  2  which: number of the program, or of the step, from 0
 *     8  8  what the kernel returned (signed, little-endian); 0 where a program begins or waits, its wait status where it ended
 */

/** Length of a record in bytes. */
export const RECORD_SIZE = 16;

const MAGIC = [0x43, 0x4c, 0x53, 0x4e];

/** Kinds of records as they stand in the file. */
export const RECORD_KINDS = { program: 1, step: 2, identity: 3, ended: 4, waiting: 5 } as const;

/** One record. */
export interface StepRecord {
  readonly kind: keyof typeof RECORD_KINDS;
  readonly index: number;
  /** Negative: minus an error number. */
  readonly value: bigint;
}

/** The first bytes of every record; kind, index and value are filled in at run time. */
export function emptyRecord(): readonly number[] {
  return [...MAGIC, ...new Array<number>(RECORD_SIZE - MAGIC.length).fill(0)];
}

const KINDS: readonly StepRecord["kind"][] = ["program", "step", "identity", "ended", "waiting"];

function kindOf(number: number): StepRecord["kind"] | undefined {
  return KINDS.find((kind) => RECORD_KINDS[kind] === number);
}

/**
 * Reads records. Whatever else stands between them (a program's own output) and a record cut off at the end are skipped.
 *
 * @example
 * import { decodeRecords } from "cloison";
 * import assert from "node:assert";
 * const bytes = Uint8Array.from([0x43, 0x4c, 0x53, 0x4e, 2, 0, 1, 0, 255, 255, 255, 255, 255, 255, 255, 255]);
 * assert.deepEqual(decodeRecords(bytes), [{ kind: "step", index: 1, value: -1n }]);
 */
export function decodeRecords(bytes: Uint8Array): readonly StepRecord[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: StepRecord[] = [];
  let at = 0;
  while (at + RECORD_SIZE <= bytes.length) {
    const kind = MAGIC.every((byte, offset) => bytes[at + offset] === byte)
      ? kindOf(view.getUint16(at + 4, true))
      : undefined;
    if (kind === undefined) {
      at += 1;
      continue;
    }
    records.push({ kind, index: view.getUint16(at + 6, true), value: view.getBigInt64(at + 8, true) });
    at += RECORD_SIZE;
  }
  return records;
}
