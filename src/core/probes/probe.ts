/**
 * What a probe is: one attack, one file. Its steps are actions; the same value is compiled to machine code and given to
 * `judge`, so there is no "expected" anywhere.
 */
import type { Action, FileFacts, ProcessFacts } from "../action/action.ts";
import type { AwaitedWord, StoredWord } from "../elf/shared-words.ts";
import type { ErrnoName } from "../kernel/errno.ts";
import type { Peer } from "../sandbox/surroundings.ts";
import type { GoalName } from "./goals.ts";

/**
 * A neighbour of the same user and group as whoever attacks: without capabilities, behind walls like those of a hardened service, with
 * a place of its own to write.
 */
export interface Twin {
  readonly pid: number;
  readonly process: ProcessFacts;
  readonly unit: string;
  /** A directory that it may write, and that its user owns. */
  readonly place: string;
}

/** What a probe may ask about the machine on which it will run: gathered by the engine, plain data. */
export interface Machine {
  /** Distinguishes this run from others in the same box, for the names of files that a probe makes: `[a-z0-9]+`. */
  readonly token: string;
  /** The value of a sysctl, dots between its parts (`kernel.dmesg_restrict`); undefined where the kernel has none. */
  readonly sysctl: (name: string) => string | undefined;
  /** Facts of paths that exist, symlinks resolved; a path that is not there is absent. */
  readonly file: (path: string) => FileFacts | undefined;
  readonly unit: {
    readonly name: string;
    /** The unit's own program, symlinks resolved: where the probe stands. */
    readonly executable: string;
    /** The file that holds the unit's own code: a script or jar that the executable is given, else the executable. */
    readonly code: string;
    /** Where its unit file lies. */
    readonly fragment: string | undefined;
    readonly stateDirectories: readonly string[];
    readonly ports: readonly number[];
  };
  /** A process of another service, started by the engine beside the unit. */
  readonly neighbour: {
    readonly pid: number;
    readonly process: ProcessFacts;
    /** Its unit, which runs, and which nobody may stop by hand (RefuseManualStop=). */
    readonly unit: string;
    readonly home: string;
    /** Its directory below /sys/fs/cgroup. */
    readonly cgroup: string;
    /** A file in the home that only the neighbour may read; the home itself can be searched by all. */
    readonly secret: string;
    /** A set-user-ID file of the neighbour (compiled by `reporter`), executable by all. */
    readonly setUserId: string;
    readonly address: string;
    readonly port: number;
    readonly abstractSocket: string;
    readonly shmKey: number;
    /** Its permission bits. */
    readonly shmMode: number;
  };
  /** Undefined where the user is transient: no other service runs as it. */
  readonly twin: Twin | undefined;
  /**
   * Daemons of root's among the peers, by their sockets; they say `DAEMON_OBEYS` or `DAEMON_REFUSES` to whoever connects. `trusting` obeys root,
   * and asks the kernel who is there; `rootOnly` obeys everybody, since its mode keeps everybody but root away.
   */
  readonly daemons: { readonly trusting: string; readonly rootOnly: string };
  /** Who listens on UNIX sockets beside the unit. */
  readonly peers: readonly Peer[];
  /** A file in root's home that only root may read. */
  readonly rootSecret: string;
  /** What root and the neighbour keep where many keep something. */
  readonly kept: Kept;
  /** Where clouds have their metadata services; a listener answers there, unless the network is the machine's own. */
  readonly metadata: { readonly addresses: readonly string[]; readonly port: number } | undefined;
  /** The resolver of names, and another machine of the local network; absent as with the metadata services. */
  readonly network:
    | {
        readonly resolver: { readonly address: string; readonly port: number };
        readonly gateway: { readonly address: string; readonly port: number };
      }
    | undefined;
  /** A terminal that the neighbour has open; absent where the machine has none. */
  readonly terminal: string | undefined;
  /** Device nodes of disks, made in the box as the machine has them. */
  readonly disks: readonly string[];
  /** The protocols of AF_NETLINK that this kernel has without loading a module, by number. */
  readonly netlink: readonly number[];
  /** The protocols of sockets that it has likewise, as /proc/net/protocols names them. */
  readonly protocols: readonly string[];
  /** ABIs that this kernel runs. */
  readonly abis: readonly ("x86_64" | "i386" | "x32")[];
}

/** Below which places machines keep root's secrets; hier(7). */
export type SecretPlace =
  | "/etc"
  | "/etc/ssl/private"
  | "/etc/ssh"
  | "/var/lib"
  | "/run"
  | "/var/log"
  | "/var/cache"
  | "/var/spool"
  | "/var/mail"
  | "/var/backups"
  | "/usr/local/etc"
  | "/srv"
  | "/opt";

/** What others keep on a machine. */
export interface Kept {
  /** A file that only root may read, for each place that it lies below. */
  readonly secrets: Readonly<Partial<Record<SecretPlace, string>>>;
  /** A file in /var/lib that the neighbour alone may read. */
  readonly state: string;
  /** A file of the neighbour's that anyone may read and write, for each directory in which anyone may make one. */
  readonly shared: Readonly<Record<string, string>>;
  /** A credential that systemd has handed to the neighbour. */
  readonly credential: string;
  /** A message queue of the neighbour's: its name without the slash, and its permission bits. */
  readonly queue: { readonly name: string; readonly mode: number };
  /** A file of the system's journal, if there is one. */
  readonly journal: string | undefined;
}

/** An answer that a step waits for: bytes that stand in it, and what it means, in words for a person. */
export interface KnownAnswer {
  readonly means: string;
  readonly bytes: readonly number[];
}

/** One step. It gets through when the call succeeds with at least `atLeast`, or fails with an error of `past`. */
export interface Step {
  readonly name: string;
  readonly action: Action;
  /** Errors that come after the permission check: the wall was passed. */
  readonly past?: readonly ErrnoName[];
  /** An error that may pass, since others cause it, and how many hundredths of a second the call is tried again. */
  readonly passing?: { readonly errno: ErrnoName; readonly patience: number };
  /** Least return value that counts as success; 0 unless bytes must really come. */
  readonly atLeast?: number;
  /** The only return value that counts as success. */
  readonly exactly?: number;
  /**
   * The call reads into a named room, again and again until one of these stands in what came; the number of that one, from 1, is
   * the return value then, and 0 says that the other end has closed.
   */
  readonly answers?: readonly KnownAnswer[];
  /** Words that the program stores before the call. */
  readonly stores?: readonly StoredWord[];
  /** The call is not made; another side does what it does, and writes what it returned here. */
  readonly awaits?: AwaitedWord;
  /** Helps, but decides nothing: neither judged nor missed when it is refused. */
  readonly optional?: true;
  /** Of an optional step: the return value with which the attack would mean nothing, and ends. */
  readonly unless?: number;
}

/** What a probe answers on a machine where it has no target: why, in words. */
export interface NotApplicable {
  readonly notApplicable: string;
}

/** One attack. */
export interface Probe {
  /** Stable, kebab-case. */
  readonly id: string;
  /** What the intruder tries, in a few words. */
  readonly title: string;
  /** What they would gain, one sentence. */
  readonly gain: string;
  /** What the intruder has reached who gets through: no second step is needed. */
  readonly goals: readonly [GoalName, ...GoalName[]];
  /** The steps on this machine, or why it has no such target. Never changes anything outside the box. */
  readonly steps: (machine: Machine) => readonly Step[] | NotApplicable;
}
