/** The result of `harden` and `attack` as data: the document `cloison.report/1`. Everything printed or drawn comes from it. */
import type { Capability } from "../kernel/capability.ts";

export interface ProbeResult {
  readonly id: string;
  readonly title: string;
  /** `uid:gid` with the user's name when known. */
  readonly identity: string;
  readonly control: "passed" | "failed";
  /** The same attack on the unit as it was; absent when it was not run. */
  readonly before?: "through" | "stopped" | "unknown";
  readonly predicted: "allowed" | "denied";
  readonly outcome: "holds" | "violated" | "unknown";
  /** The attack gets through and the model said so: a door. */
  readonly open: boolean;
  /** Which wall stops it, which door lets it through, or why it could not be decided. */
  readonly reason: string;
  /** What the kernel answered, step by step. */
  readonly evidence: string;
}

export interface DirectiveLine {
  readonly name: string;
  readonly value: string;
  readonly reason: string;
  /** Ids of the probes that this line stops (derived by `judge`). */
  readonly blocks?: readonly string[];
}

/** A door: an exception left open, with the observed action that needs it. */
export interface Door {
  readonly directive: string;
  readonly value: string;
  readonly needs: string;
}

export interface Report {
  readonly schema: "cloison.report/1";
  readonly unit: string;
  readonly level: "balanced" | "strict";
  readonly systemd: string;
  readonly kernel: string;
  readonly exposure: { readonly before: number; readonly after: number };
  readonly workload: { readonly before: "pass" | "fail"; readonly after: "pass" | "fail" };
  readonly syscalls: { readonly before: number; readonly after: number };
  readonly capabilities: { readonly before: readonly Capability[]; readonly after: readonly Capability[] };
  readonly writable: { readonly before: readonly string[]; readonly after: readonly string[] };
  readonly namespaces: { readonly before: readonly string[]; readonly after: readonly string[] };
  readonly probes: readonly ProbeResult[];
  readonly notApplicable: readonly { readonly id: string; readonly reason: string }[];
  readonly directives: readonly DirectiveLine[];
  readonly doors: readonly Door[];
  readonly notEnforced: readonly { readonly name: string; readonly reason: string }[];
  readonly warnings: readonly string[];
  /** What apply checks before it installs anything. */
  readonly hashes: {
    readonly dropIn: string;
    readonly unit: string;
    readonly executables: { readonly [path: string]: string };
  };
}
