/**
 * What is around a sandbox: facts of the machine and of the process's past that no wall tells. Whoever judges hands in what
 * is known; what is not known makes an answer unclear where it decides.
 */
import type { FileFacts } from "../action/action.ts";

/** Whom a peer obeys; ids of the initial user namespace. */
export type Trust =
  | { readonly kind: "anyone" }
  | { readonly kind: "user"; readonly uid: number }
  | { readonly kind: "group"; readonly gid: number };

/** A process that others can talk to. */
export interface Peer {
  /** Its socket: an absolute path without symlinks, or `@name`. */
  readonly address: string;
  /** Owner and mode of the socket's file. */
  readonly file?: FileFacts;
  /** The executable that listens; absent where that cannot be seen. */
  readonly program?: string;
  /** Any of these is obeyed, in all that the peer does for others; absent: not known. Of a message bus: whom those behind it obey. */
  readonly trusts?: readonly Trust[];
}

/** The machine around a sandbox, as far as it is known. */
export interface Surroundings {
  /** Whether the process (or its service) itself made what is at a path, or the abstract socket `@name`. */
  readonly made?: (path: string) => boolean;
  /**
   * What the machine has at an absolute path without symlinks, seen without any wall; `absent` if nothing is there,
   * undefined if nobody looked.
   */
  readonly file?: (path: string) => FileFacts | "absent" | undefined;
  /**
   * Whether what the machine has at a path, other than a directory, was replaced or removed since the sandbox was built; absent:
   * nothing was.
   */
  readonly replaced?: (path: string) => boolean;
  /** kernel.yama.ptrace_scope; absent where the kernel does not have it, or nobody looked. */
  readonly ptraceScope?: number;
  /** All who listen on UNIX sockets outside of the sandbox; absent: nobody looked. */
  readonly peers?: readonly Peer[];
}

/** Whether the process made what is at a path; nothing is known to have been made where nobody says so. */
export function isMade(surroundings: Surroundings, path: string): boolean {
  return surroundings.made?.(path) ?? false;
}

/** The peer at an address; undefined where nobody listens, or nobody looked. */
export function peerAt({ peers }: Surroundings, address: string): Peer | undefined {
  return peers?.find((peer) => peer.address === address);
}
