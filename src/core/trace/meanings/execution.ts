/** Execution and memory. Facts: execve(2), execveat(2), mmap(2), mprotect(2), shmat(2), personality(2), memfd_create(2). */

import type { Need } from "../../action/action.ts";
import { AT_FLAGS } from "../../kernel/at-flags.ts";
import { MODE_BITS } from "../../kernel/file-mode.ts";
import { PROT_FLAGS, SHM_FLAGS } from "../../kernel/memory-flags.ts";
import { type FinishedCall, numberAt, succeeded } from "../call/call.ts";
import { pathAt, pathNeed, pathOfDescriptor, settle } from "../call/paths.ts";
import type { Meaning, Meanings } from "./meaning.ts";

/** The path that an execution runs; that of the descriptor if no other is given. */
export function executedPath(call: FinishedCall): string | undefined {
  if (call.name === "execve") {
    return executed(call, pathAt(call, "directory", 0));
  }
  const written = pathAt(call, 0, 1);
  const empty = (numberAt(call, 4) ?? 0) & AT_FLAGS.AT_EMPTY_PATH;
  return executed(call, written ?? (empty === 0 ? undefined : pathOfDescriptor(call.argument(0))));
}

function executed(call: FinishedCall, written: string | undefined): string | undefined {
  return written === undefined ? undefined : settle(call, written, true);
}

const { S_ISUID, S_ISGID } = MODE_BITS;

function executionNeeds(call: FinishedCall): readonly Need[] {
  const path = executedPath(call);
  if (path === undefined) {
    return [];
  }
  const along = succeeded(call) ? (call.world.interpreters?.(path) ?? []) : [];
  const needs: Need[] = [path, ...along].map((one) => pathNeed(call, one, "execute"));
  const file = call.world.file?.(path);
  if (succeeded(call) && file !== undefined && gains(call, path)) {
    needs.push({ kind: "gain", uid: file.uid });
  }
  return needs;
}

/** Whether executing a file changes the identity: set-user-ID or set-group-ID to another one. */
function gains(call: FinishedCall, path: string): boolean {
  const file = call.world.file?.(path);
  if (file === undefined) {
    return false;
  }
  const { uid, gid } = call.process.identity;
  const user = (file.mode & S_ISUID) !== 0 && file.uid !== uid;
  const group = (file.mode & S_ISGID) !== 0 && (file.mode & 0o010) !== 0 && file.gid !== gid;
  return user || group;
}

const execution: Meaning = {
  needs: executionNeeds,
  effect: (call) => {
    const path = succeeded(call) ? executedPath(call) : undefined;
    if (path === undefined) {
      return;
    }
    call.process.executable = path;
    const file = call.world.file?.(path);
    if (file === undefined || !gains(call, path)) {
      return;
    }
    const { uid, gid } = call.process.identity;
    call.process.identity = {
      uid: (file.mode & S_ISUID) === 0 ? uid : file.uid,
      gid: (file.mode & S_ISGID) === 0 ? gid : file.gid,
    };
  },
};

function protection(call: FinishedCall, index: number): { readonly writable: boolean; readonly executable: boolean } {
  const flags = numberAt(call, index) ?? 0;
  return { writable: (flags & PROT_FLAGS.PROT_WRITE) !== 0, executable: (flags & PROT_FLAGS.PROT_EXEC) !== 0 };
}

function mapNeeds(call: FinishedCall): readonly Need[] {
  const { writable, executable } = protection(call, 2);
  if (!executable) {
    return [];
  }
  const path = pathOfDescriptor(call.argument(4));
  const memory: Need = { kind: "memory", operation: "map", writable, executable };
  // A mapping ignores the file's mode and heeds only a noexec mount: so no facts of the file.
  return path === undefined ? [memory] : [memory, { kind: "path", path: settle(call, path, false), access: "execute" }];
}

function protectNeeds(call: FinishedCall): readonly Need[] {
  const { writable, executable } = protection(call, 2);
  return executable ? [{ kind: "memory", operation: "protect", writable, executable }] : [];
}

function attachNeeds(call: FinishedCall): readonly Need[] {
  const flags = numberAt(call, 2) ?? 0;
  if ((flags & SHM_FLAGS.SHM_EXEC) === 0) {
    return [];
  }
  return [{ kind: "memory", operation: "attach", writable: (flags & SHM_FLAGS.SHM_RDONLY) === 0, executable: true }];
}

/** Meanings of the calls that execute files or make memory executable. */
export const executionMeanings: Meanings = {
  execve: execution,
  execveat: { numbers: [4], ...execution },
  mmap: { numbers: [2], needs: mapNeeds },
  mmap2: { numbers: [2], needs: mapNeeds },
  mprotect: { numbers: [2], needs: protectNeeds },
  pkey_mprotect: { numbers: [2], needs: protectNeeds },
  shmat: { numbers: [2], needs: attachNeeds },
  personality: { numbers: [0] },
  memfd_create: { numbers: [1] },
};
