/** Reads a file as bytes, or standard input for `-`, with the limits of whatever a person could mean. */
import { constants, fstatSync, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { Socket } from "node:net";
import { inputError } from "../../core/diagnostic/input-error.ts";

/** A profile or a listing may be large, but not as large as this. */
const LARGEST = 16 << 20;

async function allOf(stream: AsyncIterable<Buffer>, name: string): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    parts.push(part);
    size += part.length;
    if (size > LARGEST) {
      throw inputError("unreadable", `${name} is too large`);
    }
  }
  return Buffer.concat(parts);
}

function standardInput(): Promise<Uint8Array> {
  if (process.stdin.readableEnded) {
    throw inputError("usage", "standard input has already been read", "- can stand for only one of the filters");
  }
  return allOf(process.stdin, "standard input");
}

/** The number of a pipe that a shell has opened for this process, as in `explain <(curl …)`; undefined for any other path. */
function openPipe(path: string): number | undefined {
  const [, digits] = /^\/(?:dev|proc\/self)\/fd\/(\d{1,6})$/.exec(path) ?? [];
  if (digits === undefined) {
    return undefined;
  }
  try {
    return fstatSync(Number(digits)).isFIFO() ? Number(digits) : undefined;
  } catch {
    return undefined;
  }
}

/** Why a file must not be read; undefined if it may be. */
function refusal(status: Stats): string | undefined {
  if (status.isDirectory()) {
    return "this is a directory";
  }
  if (!status.isFile()) {
    return "this is not a regular file";
  }
  return status.size > LARGEST ? "this file is too large" : undefined;
}

/** The bytes of a file. Throws InputError for a missing file, a directory, a device, or anything too large to be meant. */
export async function readBytes(path: string): Promise<Uint8Array> {
  const pipe = openPipe(path);
  if (path === "-" || path === "/dev/stdin" || pipe === 0) {
    return standardInput();
  }
  if (pipe !== undefined) {
    return allOf(new Socket({ fd: pipe, readable: true, writable: false }), path);
  }
  const help = "name a filter, a profile or a unit; - is standard input";
  // Opening a pipe that nobody writes to would wait for ever, in a thread that cannot be interrupted.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    const reasons: Readonly<Record<string, string>> = { ENOENT: "there is no such file", EACCES: "permission denied" };
    throw inputError("unreadable", `${path}: ${reasons[error.code ?? ""] ?? error.message}`, help);
  });
  try {
    const status = await file.stat();
    const reason = refusal(status);
    if (reason !== undefined) {
      throw inputError("unreadable", `${path}: ${reason}`, help);
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** Whether these are words, such as a listing; a raw filter has zero bytes among its first eight. */
export function isText(bytes: Uint8Array): boolean {
  return (
    bytes.length > 0 && bytes.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte !== 127))
  );
}
