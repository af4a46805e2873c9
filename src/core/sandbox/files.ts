/**
 * Judges access to a path: what is there, whether the mount is read-only or noexec, who owns it, and the device rules.
 * Facts: mount(2), open(2), cgroups(7), proc(5); order of the kernel's checks: fs/namei.c.
 */
import type { Access, FileFacts, Need, ProcessFacts } from "../action/action.ts";
import type { Capability } from "../kernel/capability.ts";
import { directoryOf, isWithin, plainPath } from "../kernel/path.ts";
import { type Answer, GRANTED, refused, together, unclear } from "./answer.ts";
import { type Credentials, credentialsOf, isCapable } from "./credentials.ts";
import { bringsDirectory, type View, viewOf } from "./mounts.ts";
import { permission } from "./permission.ts";
import { isShown, judgeProcess } from "./processes.ts";
import { isMade, type Surroundings } from "./surroundings.ts";
import type { Wall } from "./wall.ts";

/** A path need. */
export type PathNeed = Extract<Need, { readonly kind: "path" }>;

/** Judges an access to a path. */
export function judgePath(walls: readonly Wall[], need: PathNeed, surroundings: Surroundings): Answer {
  const path = plainPath(need.path);
  const credentials = credentialsOf(walls);
  const view = viewOf(walls, path);
  const seen = judgeContent(walls, view, need, path, credentials, surroundings);
  if (seen.kind === "refused") {
    return seen;
  }
  if (need.process !== undefined && ["/proc/[pid]/root", "/proc/1/root"].some((root) => isWithin(path, root))) {
    const enters = judgeProcess(walls, { operation: "enter", target: need.process }, surroundings);
    // What is mounted there is the other process's, and so is what is read-only.
    return together(judgeProc(walls, view, path, need), seen, enters, permission(credentials, need.access, need.file));
  }
  const file = factsSeen(walls, view, path, need, surroundings);
  return together(
    judgeProc(walls, view, path, need),
    judgeFlags(view, need),
    judgeWay(view, credentials),
    seen,
    permission(isWithin(path, "/proc/sys") ? { ...credentials, capabilities: NONE } : credentials, need.access, file),
    judgeDevice(walls, need),
  );
}

/** Sysctls have an owner and a mode, and no capability that overrides them (test_perm in the kernel's proc_sysctl.c). */
const NONE: ReadonlySet<Capability> = new Set();

const CHANGING: ReadonlySet<Access> = new Set(["write", "create", "remove", "change"]);

function judgeContent(
  walls: readonly Wall[],
  view: View,
  need: PathNeed,
  path: string,
  credentials: Credentials,
  surroundings: Surroundings,
): Answer {
  const { content } = view;
  switch (content.kind) {
    case "host":
      return GRANTED;
    case "elsewhere":
      return judgeElsewhere(walls, view, content.path, need, credentials, surroundings);
    case "covered":
      return judgeCovered(content.root, need.access, credentials);
    case "unseen":
      return unclear("what is mounted there is not looked into");
    case "fresh":
      if (content.root || isMade(surroundings, path)) {
        return GRANTED;
      }
      if (need.access === "create" && hasDirectory(walls, path, surroundings)) {
        return GRANTED;
      }
      return content.shared
        ? unclear("another unit has the same directory, and may keep that there")
        : refused("ENOENT");
  }
}

/** Whether there is a directory to make something in: made before, or brought by a mount. */
function hasDirectory(walls: readonly Wall[], path: string, surroundings: Surroundings): boolean {
  const directory = directoryOf(path);
  return isMade(surroundings, directory) || bringsDirectory(walls, directory);
}

/** Root's directories that systemd makes in another root where it lacks them, with their modes; its base-filesystem.c. */
const MADE_IN_ROOT: Readonly<Record<string, number>> = { "/etc": 0o755, "/root": 0o750, "/usr": 0o755, "/var": 0o755 };

/** What the machine has at a place, or will have once the unit has started: in another root systemd makes directories. */
function fileThere(walls: readonly Wall[], place: string, { file }: Surroundings): FileFacts | "absent" | undefined {
  const there = file?.(place);
  const root = walls.find((wall) => wall.kind === "mount" && wall.path === "/" && wall.mode.kind === "bind");
  const top = root?.kind === "mount" && root.mode.kind === "bind" ? plainPath(root.mode.source) : undefined;
  if (there !== "absent" || top === undefined || !isWithin(place, top)) {
    return there;
  }
  const path = place.slice(top.length) || "/";
  const mode = MADE_IN_ROOT[path] ?? (bringsDirectory(walls, path) ? 0o755 : undefined);
  const parent = { uid: 0, gid: 0, mode: 0o755 };
  return mode === undefined ? "absent" : { type: "directory", uid: 0, gid: 0, mode, parent };
}

/** Another place of the machine is seen there: what it holds decides. */
function judgeElsewhere(
  walls: readonly Wall[],
  view: View,
  place: string,
  need: PathNeed,
  credentials: Credentials,
  surroundings: Surroundings,
): Answer {
  if (isFrozen(view, need)) {
    return refused("EROFS");
  }
  const there = fileThere(walls, place, surroundings);
  if (need.access === "create") {
    // Whoever owns that place, CAP_DAC_OVERRIDE makes a file there.
    const parent = fileThere(walls, directoryOf(place), surroundings);
    if (parent === "absent") {
      return refused("ENOENT");
    }
    return parent !== undefined || isCapable(credentials, "CAP_DAC_OVERRIDE", "own") ? GRANTED : unseen(place);
  }
  if (there === "absent") {
    return isMade(surroundings, plainPath(need.path)) ? GRANTED : refused("ENOENT");
  }
  return there === undefined ? unseen(place) : GRANTED;
}

function unseen(place: string): Answer {
  return unclear(`another place of the machine, ${place}, is seen there`);
}

/** Owner and mode of what the process finds at a path behind its walls. */
function factsSeen(
  walls: readonly Wall[],
  { content }: View,
  path: string,
  need: PathNeed,
  surroundings: Surroundings,
): FileFacts | undefined {
  switch (content.kind) {
    case "host":
      return need.file;
    case "unseen":
      return undefined;
    case "elsewhere":
      // Mapped as code, a file is open already, and no bit of its mode is asked for.
      if (need.access === "execute" && need.file === undefined) {
        return undefined;
      }
      return factsElsewhere(walls, content.path, need, surroundings);
    default:
      return freshFacts(walls, path, need, surroundings);
  }
}

function factsElsewhere(
  walls: readonly Wall[],
  place: string,
  need: PathNeed,
  surroundings: Surroundings,
): FileFacts | undefined {
  const there = fileThere(walls, place, surroundings);
  if (there !== "absent" && there !== undefined) {
    return there;
  }
  const parent = fileThere(walls, directoryOf(place), surroundings);
  if (typeof parent !== "object") {
    return undefined;
  }
  const made = need.access === "create" ? undefined : need.file;
  return { type: "file", uid: 0, gid: 0, mode: 0o644, ...made, parent };
}

/** The node that covers an inaccessible path has mode 000 and lies on a read-only mount. */
function judgeCovered(root: boolean, access: Access, credentials: Credentials): Answer {
  const overrides = isCapable(credentials, "CAP_DAC_OVERRIDE", "own");
  if (root && access === "look") {
    return GRANTED;
  }
  if (!overrides) {
    return refused("EACCES");
  }
  if (CHANGING.has(access) && (root || access === "create")) {
    return refused("EROFS");
  }
  return refused(root ? "EACCES" : "ENOENT");
}

/**
 * Owner and mode that apply to what is made at the top of a fresh directory; below that the service made everything.
 */
function freshFacts(
  walls: readonly Wall[],
  path: string,
  need: PathNeed,
  surroundings: Surroundings,
): FileFacts | undefined {
  if (need.access !== "create") {
    if (!isMade(surroundings, path) || need.file === undefined) {
      return undefined;
    }
    // What it was made with counts; the facts of the host's directory do not.
    const { parent: _, ...own } = need.file;
    return own;
  }
  const directory = directoryOf(path);
  const above = viewOf(walls, directory).content;
  if (above.kind !== "fresh") {
    return undefined;
  }
  if (!above.root) {
    // Made by systemd on the way to a mount, it is root's.
    const ofRoot = bringsDirectory(walls, directory) && !isMade(surroundings, directory);
    const parent = { uid: 0, gid: 0, mode: 0o755 };
    return ofRoot ? { type: "file", uid: 0, gid: 0, mode: 0o644, parent } : undefined;
  }
  const mode = above.everyones ? 0o1777 : 0o755;
  return { type: "file", uid: 0, gid: 0, mode: 0o644, parent: { uid: 0, gid: 0, mode } };
}

/** Who may not search a directory on the way gets nowhere. */
function judgeWay({ way }: View, credentials: Credentials): Answer {
  if (way === undefined) {
    return GRANTED;
  }
  const directory = { uid: 0, gid: 0, mode: way };
  return permission(credentials, "look", { type: "directory", ...directory, mode: 0o755, parent: directory });
}

function judgeFlags(view: View, need: PathNeed): Answer {
  if (view.noExec && need.access === "execute" && need.file?.type !== "directory") {
    return refused("EACCES");
  }
  return isFrozen(view, need) ? refused("EROFS") : GRANTED;
}

/** Whether a read-only mount stops it: what devices, pipes and sockets take is not written to the file system. */
function isFrozen({ readOnly }: View, { access, file }: PathNeed): boolean {
  const type = file?.type;
  const special = type === "char" || type === "block" || type === "fifo" || type === "socket";
  return readOnly && CHANGING.has(access) && !(access === "write" && special);
}

/** A procfs with subset=pid shows processes only; hidepid= and a PID namespace hide those of others. */
function judgeProc(walls: readonly Wall[], view: View, path: string, need: PathNeed): Answer {
  if (!isWithin(path, "/proc") || path === "/proc") {
    return GRANTED;
  }
  const first = path.split("/")[2] ?? "";
  if (!/^(?:[1-9]\d*|\[pid\])$/.test(first)) {
    const own = first === "self" || first === "thread-self";
    return view.proc?.pidOnly === true && !own ? refused("ENOENT") : GRANTED;
  }
  if (walls.some((wall) => wall.kind === "namespace" && wall.namespace === "pid")) {
    return refused("ENOENT");
  }
  if (view.proc === undefined || view.proc.hide === "default") {
    return GRANTED;
  }
  const target = need.process ?? ownerOf(need, first);
  if (target === undefined) {
    return unclear("whose process that is is not known");
  }
  if (isShown(credentialsOf(walls), view.proc.hide, target)) {
    return GRANTED;
  }
  return refused(view.proc.hide === "noaccess" ? "EPERM" : "ENOENT");
}

/** Whose process it is, as the owner of its files tells. */
function ownerOf({ file }: PathNeed, first: string): ProcessFacts | undefined {
  const relation = first === "1" ? "init" : "neighbour";
  return file === undefined ? undefined : { uid: file.uid, gid: file.gid, relation };
}

/** The letters of a device rule that an access needs. */
const DEVICE_ACCESS: Readonly<Record<Access, string>> = {
  read: "r",
  write: "w",
  create: "m",
  remove: "",
  execute: "",
  change: "",
  look: "",
};

function judgeDevice(walls: readonly Wall[], need: PathNeed): Answer {
  const { file, access } = need;
  const letter = DEVICE_ACCESS[access];
  if (file === undefined || (file.type !== "char" && file.type !== "block") || letter === "") {
    return GRANTED;
  }
  if (!walls.some((wall) => wall.kind === "devices")) {
    return GRANTED;
  }
  if (file.device === undefined) {
    return unclear("the numbers of the device are not known");
  }
  return mayDevice(walls, { type: file.type, ...file.device }, letter) ? GRANTED : refused("EPERM");
}

/** One device node, by its numbers. */
export interface DeviceNumbers {
  readonly type: "char" | "block";
  readonly major: number;
  readonly minor: number;
}

/** Whether every device list grants an access (`r`, `w`, `m`) to a device; without any list: yes. */
export function mayDevice(walls: readonly Wall[], device: DeviceNumbers, letter: string): boolean {
  return walls.every(
    (wall) =>
      wall.kind !== "devices" ||
      wall.allow.some(
        (rule) =>
          rule.type === device.type &&
          (rule.major === "*" || rule.major === device.major) &&
          (rule.minor === "*" || rule.minor === device.minor) &&
          rule.access.includes(letter),
      ),
  );
}
