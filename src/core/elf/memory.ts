/** Where the data of a program lies: constants once each, rooms and results per program in memory that begins as zero. */
import { utf8 } from "../kernel/bytes.ts";
import { DATA_START, ROOM_BASE } from "./image.ts";

/** The memory of one image. */
export interface Memory {
  /** The address of these bytes; the same bytes are placed once. */
  readonly bytes: (bytes: readonly number[]) => number;
  /** The address of a NUL-terminated UTF-8 string. */
  readonly text: (text: string) => number;
  /** The address of zeroed bytes; of a name, always the same ones. */
  readonly room: (size: number, name?: string) => number;
  /** The address of the 64-bit word that holds a result. */
  readonly result: (name: string) => number;
  /** Forgets names and uses the zeroed memory again: only one program of an image ever runs in a process. */
  readonly restart: () => void;
  readonly data: () => Uint8Array;
  readonly roomSize: () => number;
}

const ALIGNMENT = 16;

function aligned(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}

/** An empty memory. */
export function memory(): Memory {
  const data: number[] = [];
  const placed = new Map<string, number>();
  let names = new Map<string, number>();
  let used = 0;
  let most = 0;
  const bytes = (content: readonly number[]): number => {
    const key = content.join(",");
    const known = placed.get(key);
    if (known !== undefined) {
      return known;
    }
    const address = DATA_START + data.length;
    for (const byte of content) {
      data.push(byte);
    }
    while (data.length % ALIGNMENT !== 0) {
      data.push(0);
    }
    placed.set(key, address);
    return address;
  };
  const take = (size: number, key: string | undefined): number => {
    const known = key === undefined ? undefined : names.get(key);
    if (known !== undefined) {
      return known;
    }
    const address = ROOM_BASE + used;
    used += aligned(size);
    most = Math.max(most, used);
    if (key !== undefined) {
      names.set(key, address);
    }
    return address;
  };
  return {
    bytes,
    text: (text) => bytes([...utf8(text), 0]),
    room: (size, name) => take(size, name === undefined ? undefined : `room ${name}`),
    result: (name) => take(8, `result ${name}`),
    restart: () => {
      names = new Map();
      used = 0;
    },
    data: () => Uint8Array.from(data),
    roomSize: () => most,
  };
}
