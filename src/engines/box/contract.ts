/** What a box is: a private systemd, PID 1 of its own namespaces, on a throw-away overlay of this machine. */
import type { ChildProcess } from "node:child_process";
import type { CommandResult } from "../../linux/spawn.ts";

/** Parts of the host that nothing in the box can touch unless they are named in `allowHost`. */
export type HostPart = "modules" | "clock" | "raw-io" | "boot" | "devices";

/** What a box is to be like; without any, a view of the machine with a network of its own. */
export interface BoxOptions {
  /** Shown as the value of container=; the box's real identity is unique in any case. */
  readonly name?: string;
  /**
   * The directory of another system's root, which the box shows in place of this machine's: its systemd, its accounts, its
   * files. The kernel is this machine's all the same, and so are the names of the host and of the network's servers.
   */
  readonly root?: string;
  /** Directories laid over the root, the first one on top: uppers of earlier overlays, holding installed packages. */
  readonly layers?: readonly string[];
  /** `host` shares this machine's network; its units then get no CAP_NET_ADMIN, and host abstract sockets are in reach. */
  readonly network?: "private" | "host";
  /** A directory whose file system holds what the box writes (default /var/tmp). */
  readonly scratch?: string;
  /** Host files or directories shown inside, read-only. They may lie under /tmp or /run. */
  readonly bindReadOnly?: readonly { readonly source: string; readonly target: string }[];
  /** What units see of a directory: `copy` a copy-on-write view (the default for all), `empty` an empty one. */
  readonly data?: readonly { readonly path: string; readonly mode: "copy" | "empty" }[];
  readonly allowHost?: readonly HostPart[];
  /**
   * Attacks are all that will run in it: the service and what it depends on are never started. Controls of attacks need what
   * is kept from every other box: capabilities over the machine, devices, some calls.
   */
  readonly forAttacks?: boolean;
  /** Extra addresses on the box's lo, in CIDR form. */
  readonly addresses?: readonly string[];
  readonly progress?: (line: string) => void;
  readonly timeoutSeconds?: number;
  /** How long a program may run that is given no time of its own: root inside can hold up any of them. Default: 600. */
  readonly patienceSeconds?: number;
}

/** How a program runs in a box. */
export interface RunOptions {
  readonly input?: string | Uint8Array | undefined;
  /** Must exist inside. Default: /. */
  readonly cwd?: string | undefined;
  /** The whole environment, but for PATH, HOME and LANG, which have defaults. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Without it, a program that does not end within the box's patience is ended, and that is a SystemError. */
  readonly timeoutMs?: number | undefined;
  readonly uid?: number;
}

/** A running box. */
export interface Box {
  readonly name: string;
  /** PID 1 of the box, as the host numbers it. */
  readonly leader: number;
  /** The box's cgroup root as a host path: units are at `${cgroup}/system.slice/NAME.service`. */
  readonly cgroup: string;
  /** /proc/LEADER/root. Follow no absolute symbolic link below it: they would lead into the host. Prefer readFile. */
  readonly root: string;
  readonly network: "private" | "host";
  /** Whether it was booted for attacks. */
  readonly forAttacks: boolean;
  /** Capabilities that nothing in it has, so that the host cannot be touched: CAP_… */
  readonly guarded: readonly string[];
  /** What the user should know: mounts that are shown read-only, what is kept in memory, what is shared with the host. */
  readonly notes: readonly string[];
  /** Runs a program in the box with the rights of its PID 1, started by the box's own keeper: no unit's walls stand around it. */
  run(argv: readonly string[], options?: RunOptions): Promise<CommandResult>;
  /** The same, left to the caller: pipes on all three streams; the child ends as the program does, and a signal to it ends all. */
  spawn(argv: readonly string[], options?: Omit<RunOptions, "input" | "timeoutMs">): ChildProcess;
  /** Writes by rename, making the directories above; symbolic links are resolved inside. Default mode 0644. */
  writeFile(path: string, content: string | Uint8Array, mode?: number): Promise<void>;
  readFile(path: string): Promise<Buffer>;
  systemctl(...args: readonly string[]): Promise<CommandResult>;
  showProperties(unit: string, names: readonly string[]): Promise<Map<string, string>>;
  /** The unit's journal since boot, messages only. */
  journal(unit: string): Promise<string>;
  /** Waits until everything that was said by now is in the journal; not for ever. */
  syncJournal(): Promise<void>;
  /** Resolves when the box has ended, by down() or by itself. */
  readonly ended: Promise<void>;
  /** Ends everything in the box at once and waits until nothing of it is left. May be called twice. */
  down(): Promise<void>;
}
