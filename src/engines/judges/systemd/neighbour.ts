/**
 * The programs of the neighbour: another service that the attacks aim at. Compiled here, so that a box needs no server of
 * its own. Facts: shmget(2), mq_open(3), unix(7), ip(7), pause(2).
 */
import type { Argument } from "../../../core/action/action.ts";
import { compilePlan } from "../../../core/elf/compile-plan.ts";
import { compilePrograms } from "../../../core/elf/compile-programs.ts";
import { ADDRESS_FAMILIES } from "../../../core/kernel/address-family.ts";
import { OPEN_FLAGS } from "../../../core/kernel/open-flags.ts";
import { SOCKET_TYPES } from "../../../core/kernel/socket-type.ts";
import type { SyscallName } from "../../../core/kernel/syscalls/syscall.ts";
import type { Operation } from "../../../core/plan/operation.ts";
import { bytes, call, MACHINE, number, resultOf, text } from "../../../core/probes/act.ts";
import { abstractAddress, inetAddress, inetFamily } from "../../../core/probes/socket.ts";
import { QUEUE } from "./planted.ts";

const IPC_CREAT = 0o1000;
const QUEUE_FLAGS = OPEN_FLAGS.O_RDWR | OPEN_FLAGS.O_CREAT;
const BACKLOG = 4096;

/** A call of a program of the stage; where it fails, the program ends. */
export function operation(name: string, syscall: SyscallName, ...args: readonly Argument[]): Operation {
  return { kind: "call", name, call: call(syscall, ...args), onError: "stop" };
}

/** A socket for streams that nobody ever accepts from: the kernel answers for it as long as its queue has room. */
export function listener(
  name: string,
  family: "AF_UNIX" | "AF_INET" | "AF_INET6",
  address: readonly number[],
): readonly Operation[] {
  return [
    operation(name, "socket", number(ADDRESS_FAMILIES[family]), number(SOCKET_TYPES.SOCK_STREAM), number(0)),
    operation(`${name}-bind`, "bind", resultOf(name), bytes(address), number(address.length)),
    operation(`${name}-listen`, "listen", resultOf(name), number(BACKLOG)),
  ];
}

/** Says that it is ready with a record on standard output, then waits for ever. */
export const WAIT: readonly Operation[] = [
  { kind: "call", name: "ready", call: call("getpid"), onError: "record" },
  operation("wait", "pause"),
];

/** What the neighbour offers. */
export interface Offers {
  readonly address: string;
  readonly port: number;
  readonly abstractSocket: string;
  readonly shmKey: number;
  readonly shmMode: number;
}

/** The neighbour's main program. */
export function neighbourProgram(offers: Offers): Uint8Array {
  return compilePlan(
    {
      operations: [
        operation("queue", "mq_open", text(QUEUE.name), number(QUEUE_FLAGS), number(QUEUE.mode), number(0)),
        operation("shm", "shmget", number(offers.shmKey), number(4096), number(IPC_CREAT | offers.shmMode)),
        ...listener("abstract", "AF_UNIX", abstractAddress(offers.abstractSocket.replace(/^@/, ""))),
        ...listener("tcp", "AF_INET", inetAddress(offers.address, offers.port)),
        ...WAIT,
      ],
    },
    MACHINE,
  );
}

/** A program that does nothing: a process of the neighbour's for others to look into. */
export function preyProgram(): Uint8Array {
  return compilePlan({ operations: WAIT }, MACHINE);
}

/** A program that listens where clouds' metadata services would. */
export function metadataProgram(addresses: readonly string[], port: number): Uint8Array {
  const listeners = addresses.flatMap((address, index) =>
    listener(`tcp${index}`, inetFamily(address), inetAddress(address, port)),
  );
  return compilePlan({ operations: [...listeners, ...WAIT] }, MACHINE);
}

/** What is executed through its set-user-ID bit: it reports that it runs, and as whom. */
export function setUserIdProgram(): Uint8Array {
  const who = { name: "who", call: call("geteuid"), optional: true } as const;
  return compilePrograms([{ identity: [], first: 0, steps: [{ name: "run" }, who] }], MACHINE);
}

/** A program whose exit status says whether this kernel has an ABI. */
export function abiProgram(abi: "i386" | "x32"): Uint8Array {
  const pid: Operation = { kind: "call", name: "pid", call: { abi, name: "getpid", arguments: [] }, onError: "stop" };
  return compilePlan({ operations: [pid] }, MACHINE);
}
