/** From probes to attacks on one machine: their steps, compiled into one file, and whom they are tried as. */
import type { Identity } from "../action/action.ts";
import { compilePrograms, type ProbeProgram, type ProgramStep } from "../elf/compile-programs.ts";
import { littleEndian } from "../kernel/bytes.ts";
import { bytes, call, MACHINE, number } from "./act.ts";
import type { Machine, Probe, Step } from "./probe.ts";

/** A probe on a machine that has its target. */
export interface Attack {
  readonly probe: Probe;
  readonly steps: readonly Step[];
}

/** The probes that can be tried on a machine, and those that cannot, with the reason. */
export interface Attacks {
  readonly attacks: readonly Attack[];
  readonly notApplicable: readonly { readonly id: string; readonly reason: string }[];
}

/** Asks every probe for its steps on this machine. */
export function attacksOn(machine: Machine, probes: readonly Probe[]): Attacks {
  const attacks: Attack[] = [];
  const notApplicable: { id: string; reason: string }[] = [];
  for (const probe of probes) {
    const steps = probe.steps(machine);
    if ("notApplicable" in steps) {
      notApplicable.push({ id: probe.id, reason: steps.notApplicable });
    } else {
      attacks.push({ probe, steps });
    }
  }
  return { attacks, notApplicable };
}

/**
 * How a root process becomes another one, as a server's master makes its workers. Each program has its favourite among
 * the calls that do this, and a filter may leave no other; with the capability they all set every id (credentials(7)).
 */
function become({ uid, gid }: Identity): ProbeProgram["identity"] {
  const ids = (id: number) => [number(id), number(id), number(id)];
  return [
    // A program that never sets its groups has a filter without that call, and its workers keep the groups of the unit:
    // for root geteuid(2) returns 0, which is to go on as it is.
    [call("setgroups", number(1), bytes(littleEndian(gid, 4))), call("geteuid")],
    [call("setgid", number(gid)), call("setresgid", ...ids(gid)), call("setregid", ...ids(gid).slice(1))],
    [call("setuid", number(uid)), call("setresuid", ...ids(uid)), call("setreuid", ...ids(uid).slice(1))],
  ];
}

/** One attack in an image; with an identity, the program takes it on before the attack. */
export interface Tried {
  readonly attack: Attack;
  readonly as?: Identity;
}

/** A step as the compiler of programs needs it: what a ring does is not called. */
export function programStep({ action, answers, ...step }: Step): ProgramStep {
  return {
    ...step,
    ...(action.call.through === undefined ? { call: action.call } : {}),
    ...(answers === undefined ? {} : { answers: answers.map(({ bytes: content }) => content) }),
  };
}

/**
 * All attacks as one static ELF: called with the number of an attack, counted from 0, it tries that one.
 * `waitsAt`: from this attack on none begins before there is a byte in standard input. The records that it writes are read by `decodeRecords` and judged by `observed`.
 */
export function compileAttacks(tried: readonly Tried[], options: { readonly waitsAt?: number } = {}): Uint8Array {
  return compilePrograms(
    tried.map(({ attack, as }) => ({
      identity: as === undefined ? [] : become(as),
      steps: attack.steps.map(programStep),
    })),
    MACHINE,
    options,
  );
}
