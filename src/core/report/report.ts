/** The result of `harden` and `attack` as data: the document `cloison.report/3`. Everything printed or drawn comes from it. */
import type { Capability } from "../kernel/capability.ts";
import type { GoalResult } from "../verdict/goals.ts";
import type { RunVerdict } from "../verdict/overall.ts";
import type { ProbeResult } from "../verdict/result.ts";
import type { NotBuiltLine } from "./not-built.ts";
import type { OwnUserReport } from "./own-user.ts";
import type { Provenance } from "./provenance.ts";
import type { Unused } from "./unused.ts";

/** One line of the drop-in. An empty value is a reset line. */
export interface DirectiveLine {
  readonly name: string;
  readonly value: string;
  readonly reason: string;
  /** Ids of the probes that this setting stops, alone or with others: those that name it in `stoppedBy`. */
  readonly blocks?: readonly string[];
}

/** A door: an exception left open, with the observed action that needs it. */
export interface Door {
  readonly directive: string;
  readonly value: string;
  readonly needs: string;
}

/** What may pass between a service and the rest of the machine, by the side of the service on which it passes. */
export type Channel = "files" | "network" | "devices" | "processes" | "ipc" | "kernel";

/** One side of the service: no wall at all, a wall with openings, or a wall without. `passes` says what crosses, in a few words each. */
export interface Crossing {
  readonly channel: Channel;
  readonly state: "open" | "partial" | "closed";
  readonly passes: readonly string[];
}

/** The whole result. Lists are in the order in which they are shown. */
export interface Report {
  readonly schema: "cloison.report/3";
  readonly unit: string;
  /** What the whole comes to. */
  readonly verdict: RunVerdict;
  readonly level: "balanced" | "strict";
  /** Version of the systemd that ran the rehearsal, as it names itself. */
  readonly systemd: string;
  readonly kernel: string;
  /** `systemd-analyze security`, 0.0 (best) to 10.0. */
  readonly exposure: { readonly before: number; readonly after: number };
  readonly workload: { readonly before: "pass" | "fail"; readonly after: "pass" | "fail" };
  /** Native calls of the known table that are allowed with at least some arguments. */
  readonly syscalls: { readonly before: number; readonly after: number };
  readonly capabilities: { readonly before: readonly Capability[]; readonly after: readonly Capability[] };
  /** Paths below which the service may write; `/`: wherever its user may. */
  readonly writable: { readonly before: readonly string[]; readonly after: readonly string[] };
  /** Kinds of the namespaces that the service has for itself; the others it shares with the host. */
  readonly namespaces: { readonly before: readonly string[]; readonly after: readonly string[] };
  /** What an intruder wants, each with whether it can be reached and how. */
  readonly goals: readonly GoalResult[];
  readonly probes: readonly ProbeResult[];
  readonly notApplicable: readonly { readonly id: string; readonly reason: string }[];
  readonly directives: readonly DirectiveLine[];
  readonly doors: readonly Door[];
  readonly notEnforced: readonly { readonly name: string; readonly reason: string }[];
  /** Every setting that is neither in the drop-in nor implied by it, with the reason; absent where nothing was synthesised. */
  readonly notBuilt?: readonly NotBuiltLine[];
  readonly warnings: readonly string[];
  /** How long systemd took to start the unit, the longest of its lives in the box: what `apply` must give it at least. */
  readonly life?: { readonly startSeconds: number };
  /** How the drop-in compares with the one of Cloison's that is installed now; absent if none is. */
  readonly installed?: {
    readonly exposure: number;
    /** Lines that only the new one has, and that only the installed one has. */
    readonly added: readonly string[];
    readonly dropped: readonly string[];
  };
  /** What failed once and passed when nothing had changed but the time; while there is any, nothing is decided. */
  readonly flaky?: readonly string[];
  /** What was not seen or not understood, so that nothing follows from its absence. */
  readonly notKnown?: readonly string[];
  /** How the report came about; absent where no run made it. */
  readonly made?: Provenance;
  /** What a user of its own would bring to a service that starts as root, or what came of it; absent: nothing is to be said. */
  readonly ownUser?: OwnUserReport;
  /** What is left open behind the walls and nothing observed used. */
  readonly unused?: Unused;
  /** What crosses the walls, for the picture; absent when it was not computed. */
  readonly crossings?: { readonly before: readonly Crossing[]; readonly after: readonly Crossing[] };
  /** What apply checks before it installs anything: SHA-256, hexadecimal. */
  readonly hashes: {
    readonly dropIn: string;
    readonly unit: string;
    readonly executables: { readonly [path: string]: string };
    /** Code of the service that no hash covers, in words. */
    readonly notCovered?: readonly string[];
  };
}
