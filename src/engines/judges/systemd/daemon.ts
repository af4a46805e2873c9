/**
 * The program of a daemon that tells whoever connects whether it would obey. It looks at the user at the other end, whom the kernel
 * names (SO_PEERCRED), or at nobody, where the mode of its socket keeps all others away. Compiled here, so that a box needs no such
 * daemon of its own. Facts: unix(7), accept(2), getsockopt(2).
 */
import type { Argument } from "../../../core/action/action.ts";
import { type Draft, emitRecord, fileOf, native, numeric, startProgram } from "../../../core/elf/emit.ts";
import { emptyRecord, RECORD_KINDS } from "../../../core/elf/record.ts";
import { ADDRESS_FAMILIES } from "../../../core/kernel/address-family.ts";
import { littleEndian } from "../../../core/kernel/bytes.ts";
import { SOCKET_TYPES, SOL_SOCKET } from "../../../core/kernel/socket-type.ts";
import type { SyscallName } from "../../../core/kernel/syscalls/syscall.ts";
import { bytes, MACHINE, resultOf, text } from "../../../core/probes/act.ts";
import { DAEMON_OBEYS, DAEMON_REFUSES } from "../../../core/probes/daemon.ts";
import { pathAddress } from "../../../core/probes/socket.ts";

const BACKLOG = 128;
/** Of asm-generic/socket.h. */
const SO_PEERCRED = 17;
/** struct ucred: pid, uid and gid, four bytes each. */
const CREDENTIALS_SIZE = 12;
const UID_AT = 4;

/** A daemon that listens at a path. */
export interface Daemon {
  readonly path: string;
  /** Mode of its socket. */
  readonly mode: number;
  /** Whom it obeys. */
  readonly obeys: "root" | "whoever connects";
}

function emitAnswer(place: Draft, answer: readonly number[]): void {
  place.code.call(native(place, "write", resultOf("peer"), bytes(answer), numeric(answer.length)), place.memory);
}

/** The result becomes 1 if root is at the other end, else 0. */
function emitIsRoot(place: Draft): void {
  const { code, memory } = place;
  const who = memory.room(CREDENTIALS_SIZE, "credentials");
  const size: Argument = { kind: "room", size: 4, name: "size" };
  // The kernel writes the size back, which is the same each time.
  code.storeWord(memory.room(4, "size"), CREDENTIALS_SIZE);
  const option = [numeric(SOL_SOCKET), numeric(SO_PEERCRED), numeric(who), size];
  code.call(native(place, "getsockopt", resultOf("peer"), ...option), memory);
  const uid = littleEndian(0, 4);
  code.setResult(BigInt(uid.length));
  code.find(who + UID_AT, { address: memory.bytes(uid), length: uid.length }, "root");
}

/** The program: it says that it is ready with a record on standard output, and ends with status 1 where it cannot listen. */
export function daemonProgram({ path, mode, obeys }: Daemon): Uint8Array {
  const place: Draft = startProgram(MACHINE);
  const { code, memory } = place;
  const address = pathAddress(path);
  const make = (result: string, name: SyscallName, ...args: readonly Argument[]): void => {
    code.call(native(place, name, ...args), memory);
    code.storeResult(memory.result(result));
    code.jumpIf("less", 0, "failed");
  };
  code.call(native(place, "unlink", text(path)), memory);
  make("socket", "socket", numeric(ADDRESS_FAMILIES.AF_UNIX), numeric(SOCKET_TYPES.SOCK_STREAM), numeric(0));
  make("bind", "bind", resultOf("socket"), bytes(address), numeric(address.length));
  make("mode", "chmod", text(path), numeric(mode));
  make("listen", "listen", resultOf("socket"), numeric(BACKLOG));
  code.setResult(0n);
  emitRecord(place, memory.bytes(emptyRecord()), RECORD_KINDS.step, 0);
  code.label("next");
  make("peer", "accept", resultOf("socket"), numeric(0), numeric(0));
  if (obeys === "root") {
    emitIsRoot(place);
    code.jumpIf("equal", 1, "obey");
    emitAnswer(place, DAEMON_REFUSES);
    code.jump("answered");
    code.label("obey");
  }
  emitAnswer(place, DAEMON_OBEYS);
  code.label("answered");
  code.call(native(place, "close", resultOf("peer")), memory);
  code.jump("next");
  code.label("failed");
  code.setStatus(1);
  code.exit();
  return fileOf(place);
}
