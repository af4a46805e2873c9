/** What a directive is: one file each. Nothing outside this folder knows what a directive means. */
import type { Action, Observation, Phase } from "../action/action.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Abi } from "../kernel/syscalls/table.ts";
import type { Peer } from "../sandbox/surroundings.ts";
import type { DeviceRule, Wall } from "../sandbox/wall.ts";
import type { ExecCommand } from "../unit/exec.ts";

/** One assignment of a unit, in systemd's order of reading; an empty value resets. Specifiers are expanded. */
export interface DirectiveAssignment {
  readonly value: string;
  /** Where it stands, for diagnostics. */
  readonly file: string;
  readonly line: number;
}

/** What a directive may ask about the unit and the machine while it builds its walls. */
export interface UnitFacts {
  /** Version of systemd that will read the unit. */
  readonly systemd: number;
  /** The ABI of the machine's own programs. Only filters and error numbers differ between machines. */
  readonly machine: Abi;
  /** The service's user as systemd resolves it; 0 for root. */
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** The folded value of another directive, as text of `systemctl show` style; undefined when unset. */
  readonly setting: (name: string) => string | undefined;
  /** The folded value of another directive, its initial one when unset. */
  readonly valueOf: <V>(directive: Directive<V>) => V;
  /** uid, gid of a user or group name on the machine; a name that is only a group gives its gid. */
  readonly user: (
    name: string,
  ) => { readonly uid: number; readonly gid: number; readonly groups: readonly number[] } | undefined;
  /** Whether the unit (any directive) gets a mount namespace. */
  readonly mountNamespace: boolean;
  /** /var/lib/NAME and kin that StateDirectory=, CacheDirectory=, LogsDirectory=, RuntimeDirectory=, ConfigurationDirectory= give. */
  readonly directories: readonly string[];
  /** Name of the unit with its suffix, after which its credentials are called; absent: not known. */
  readonly unit?: string;
  /** Type= of the service, as systemd has it; absent: not known. */
  readonly type?: string;
  /** How the command in question is started, by the prefix of its Exec line; absent: as most are, behind all walls. */
  readonly privilege?: ExecCommand["privilege"];
  /** Paths of the Exec lines. */
  readonly executables: readonly string[];
  /** Paths of the machine that their owner or group alone may read, and directories of nothing else; absent: not looked for. */
  readonly secrets?: readonly string[];
  /** Who listens on UNIX sockets of the machine beside the service; absent: not looked for. */
  readonly peers?: readonly Peer[];
  /** Addresses of the name servers that the machine asks; absent: not looked for. */
  readonly nameServers?: readonly string[];
  /** What the unit says that the catalogue lacks: it makes undecided what depends on it. */
  readonly uncatalogued?: readonly { readonly directive: string; readonly value: string }[];
  /** Where a path leads with its symbolic links followed, as far as it exists; absent: paths are taken as written. */
  readonly canonical?: (path: string) => string;
  /** Whether the kernel has an AppArmor profile of this name loaded; absent: not looked up. */
  readonly profile?: (name: string) => boolean;
  /** The devices that a word of DeviceAllow= (`/dev/sda`, `char-rtc`) means on the machine; absent: not looked up. */
  readonly device?: (specifier: string) => readonly Omit<DeviceRule, "access">[] | undefined;
}

/** What synthesis knows beside the observation. */
export interface Situation {
  readonly unit: UnitFacts;
  readonly observation: Observation;
  readonly level: "balanced" | "strict";
  /** CIDR prefixes from which clients may come; undefined: anywhere. */
  readonly clients: readonly string[] | undefined;
}

/** One setting that synthesis may choose, with its reason in words. `doors` are exceptions that an observed action needs. */
export interface Candidate<V> {
  readonly value: V;
  readonly reason: string;
  readonly doors?: readonly string[];
  /** Why it is not tried in this situation, one sentence: it stands on the ladder so that a result can say so. Absent: it is tried. */
  readonly withheld?: string | undefined;
}

/** Why the search never proposes a directive; `core/own-user` may write it. */
export interface Never {
  /** One sentence. */
  readonly never: string;
}

/** The ladder of a directive that is read and judged, and never proposed. */
export function never(because: string): Never {
  return { never: because };
}

/** What a machine must have, or systemd accepts a directive and enforces nothing. */
export type Requisite =
  | "seccomp"
  | "libbpf"
  | "user-namespaces"
  | "address-filter"
  | "device-filter"
  /** The BPF module among the kernel's active security modules. */
  | "bpf-lsm"
  | "selinux"
  | "apparmor"
  | "smack"
  /** A controller in the machine's version 2 cgroup tree. */
  | "memory-controller"
  | "pids-controller"
  /** A manager that may raise the limits that it began with: CAP_SYS_RESOURCE, which containers often lack. */
  | "raised-limits";

/** A seccomp wall. */
export type FilterWall = Extract<Wall, { readonly kind: "filter" }>;

/** Any other wall. */
export type PlainWall = Exclude<Wall, FilterWall>;

/** The seccomp programs of a directive: systemd loads those of all directives in one order, whatever order the lines have. */
export interface FilterPart<V> {
  /** Place in that order, lowest first; the numbers leave room between. Source: systemd's exec-invoke.c, and measured. */
  readonly turn: number;
  readonly walls: (value: V, facts: UnitFacts) => readonly FilterWall[];
  /** It kills whatever comes through an ABI that it does not name, so the filters loaded after it leave those ABIs out. */
  readonly shutsOutAbis?: true;
  /** Whether it gives a user other than root no_new_privs. Absent: before systemd 255. */
  readonly setsNoNewPrivileges?: (value: V, facts: UnitFacts) => boolean;
}

/** A case in which hardening with a directive broke a service, as recorded in public. */
export interface Breakage {
  /** What broke, one sentence that names the service. */
  readonly sentence: string;
  /** `owner/repository#number`, a commit or a bug's number. */
  readonly reference: string;
}

/** All that is known of one directive. `V` is its folded value. */
export interface Directive<V> {
  /** As written in a unit, without `=`. */
  readonly name: string;
  /** First systemd version that knows it. */
  readonly since: number;
  /** First systemd version that understands this value, where that is later than `since`. */
  readonly valueSince?: (value: V) => number;
  /** The section that it stands in; absent: [Service]. */
  readonly section?: "Unit";
  /** First Linux that has what it stands on, as `5.8`; absent: every Linux that runs systemd 247. */
  readonly kernel?: string;
  /** The group it belongs to in docs and reports; also the folder of its file. */
  readonly group:
    | "identity"
    | "privileges"
    | "files"
    | "devices"
    | "kernel"
    | "namespaces"
    | "network"
    | "calls"
    | "memory"
    | "ipc"
    | "labels"
    | "resources";
  /** One sentence for a person. */
  readonly summary: string;
  /** What it breaks when it does, one sentence. */
  readonly breaks: string;
  /** Services that it broke. */
  readonly broke?: readonly Breakage[];
  /** Phases that it is known to break although nothing is refused: where one of them fails, it is suspected first. */
  readonly breaksIn?: readonly Phase[];
  /** Its weight in the score of `systemd-analyze security`, all its checks together; absent: it is not scored. */
  readonly weight?: number;
  /**
   * What it costs where it is known, in thousandths of a busy server's throughput; absent: nothing that was measured. Of two settings
   * that close the same the cheaper is taken.
   */
  readonly cost?: number;
  /** The lines of [Service] that a value brings along, `NAME=value`, as if the unit had them unless it says otherwise. */
  readonly implies?: (value: V, facts: Pick<UnitFacts, "systemd">) => readonly string[];
  /** What the machine must have for it to do anything at all. */
  readonly requires: readonly Requisite[];
  /** What else makes it ineffective without an error, in words; empty when nothing is known. */
  readonly ineffective: readonly string[];
  /** The value when nothing is assigned. */
  readonly initial: V;
  /** Folds all assignments, in order, as systemd does; bad ones are skipped with a diagnostic, as systemd does. */
  readonly fold: (
    assignments: readonly DirectiveAssignment[],
    facts: UnitFacts,
  ) => { readonly value: V; readonly diagnostics: readonly Diagnostic[] };
  /** The right-hand sides to write so that `value` holds whatever `below` says; an empty string is a reset line. */
  readonly print: (value: V, below: V, machine: Abi) => readonly string[];
  /** The weakest value at least as strict as both: what keeps a drop-in from loosening a unit. Of a door: see `door`. */
  readonly meet: (a: V, b: V, machine: Abi) => V;
  /**
   * A door loosens what the named directives close (ReadWritePaths= in ProtectSystem=strict). Synthesis settles doors
   * before their walls and drops those whose walls are not built. To `meet`, an unset door says nothing: a door is
   * proposed only where the unit itself builds none of those walls, and the joined sandbox is compared anyway.
   */
  readonly door?: readonly string[];
  /** The walls that a value builds, implied ones included, but for filters. */
  readonly walls: (value: V, facts: UnitFacts) => readonly PlainWall[];
  /** Its filters; a filter wall has no other place, so that none is without a turn. */
  readonly filter?: FilterPart<V>;
  /** Whatever it builds implies MountAPIVFS=. */
  readonly impliesApiMounts?: true;
  /** What it mounts is there for commands with the prefix `+`, too. */
  readonly evenPrivileged?: true;
  /** Settings worth trying, strictest first; after the last comes leaving it alone. Or why none is ever proposed: `never`. */
  readonly ladder: ((situation: Situation) => readonly Candidate<V>[]) | Never;
  /** Every value with a meaning of its own, for documentation and for the table of all probes. */
  readonly samples: readonly string[];
  /**
   * The values worth asking about when these actions are to be stopped, mildest first: of a long list the one entry that
   * they use, so that the answer is what that entry is needed for. Absent: the samples.
   */
  readonly narrowedTo?: (actions: readonly Action[]) => readonly string[];
}

/** A directive of any value, as the catalogue holds it. */
// biome-ignore lint/suspicious/noExplicitAny: the catalogue mixes value types; each is used only through its own functions.
export type AnyDirective = Directive<any>;

/** All walls that a value builds. */
export function wallsOf<V>(directive: Directive<V>, value: V, facts: UnitFacts): readonly Wall[] {
  return [...directive.walls(value, facts), ...(directive.filter?.walls(value, facts) ?? [])];
}

/** What a directive offers in a situation, strictest first; nothing if it is never proposed. */
export function ladderOf<V>({ ladder }: Directive<V>, situation: Situation): readonly Candidate<V>[] {
  return typeof ladder === "function" ? ladder(situation) : [];
}
