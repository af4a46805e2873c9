/**
 * Ownership and permission bits: who may read, write, search, create, remove or change a file.
 * Facts: inode(7), path_resolution(7), generic_permission() and may_delete() in the kernel's fs/namei.c. ACLs are not
 * modelled; the sticky bit is.
 */
import type { Access, FileFacts } from "../action/action.ts";
import { type Answer, GRANTED, refused, together } from "./answer.ts";
import { type Credentials, isCapableOver } from "./credentials.ts";

type Owned = { readonly uid: number; readonly gid: number; readonly mode: number };

const READ = 4;
const WRITE = 2;
const EXECUTE = 1;
const STICKY = 0o1000;

/** Judges an access by ownership and mode; `file` absent: granted, because nothing is known against it. */
export function permission(credentials: Credentials, access: Access, file: FileFacts | undefined): Answer {
  if (file === undefined) {
    return GRANTED;
  }
  const search = file.parent === undefined ? GRANTED : asked(mayDirectory(credentials, file.parent, EXECUTE));
  switch (access) {
    case "look":
      return search;
    case "read":
      return together(search, asked(mayRead(credentials, file)));
    case "write":
      return together(search, asked(mayAccess(credentials, file, WRITE)));
    case "execute":
      return together(search, asked(mayExecute(credentials, file)));
    case "create":
      return file.parent === undefined ? GRANTED : asked(mayDirectory(credentials, file.parent, WRITE | EXECUTE));
    case "remove":
      return file.parent === undefined ? GRANTED : mayRemove(credentials, file, file.parent);
    case "change":
      return together(search, owns(credentials, file) ? GRANTED : refused("EPERM"));
  }
}

function asked(granted: boolean): Answer {
  return granted ? GRANTED : refused("EACCES");
}

function bits(credentials: Credentials, file: Owned): number {
  if (credentials.uid === file.uid) {
    return (file.mode >> 6) & 7;
  }
  if (credentials.gid === file.gid || credentials.groups.has(file.gid)) {
    return (file.mode >> 3) & 7;
  }
  return file.mode & 7;
}

function mayAccess(credentials: Credentials, file: Owned, wanted: number): boolean {
  return (
    (bits(credentials, file) & wanted) === wanted ||
    (wanted & EXECUTE ? false : isCapableOver(credentials, "CAP_DAC_OVERRIDE", file))
  );
}

function mayRead(credentials: Credentials, file: FileFacts): boolean {
  return mayAccess(credentials, file, READ) || isCapableOver(credentials, "CAP_DAC_READ_SEARCH", file);
}

function mayExecute(credentials: Credentials, file: FileFacts): boolean {
  if (file.type === "directory") {
    return mayDirectory(credentials, file, EXECUTE);
  }
  if ((bits(credentials, file) & EXECUTE) !== 0) {
    return true;
  }
  return (file.mode & 0o111) !== 0 && isCapableOver(credentials, "CAP_DAC_OVERRIDE", file);
}

function mayDirectory(credentials: Credentials, directory: Owned, wanted: number): boolean {
  if ((bits(credentials, directory) & wanted) === wanted) {
    return true;
  }
  if ((wanted & WRITE) === 0 && isCapableOver(credentials, "CAP_DAC_READ_SEARCH", directory)) {
    return true;
  }
  return isCapableOver(credentials, "CAP_DAC_OVERRIDE", directory);
}

function mayRemove(credentials: Credentials, file: FileFacts, parent: Owned): Answer {
  if (!mayDirectory(credentials, parent, WRITE | EXECUTE)) {
    return refused("EACCES");
  }
  const held = (parent.mode & STICKY) !== 0 && credentials.uid !== parent.uid;
  return held && !owns(credentials, file) ? refused("EPERM") : GRANTED;
}

function owns(credentials: Credentials, file: Owned): boolean {
  return credentials.uid === file.uid || isCapableOver(credentials, "CAP_FOWNER", file);
}
