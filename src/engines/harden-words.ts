/** What `harden` says of itself, atop the drop-in and in the report: how and where it was made, and what it leaves out. */
import { hostname } from "node:os";
import type { Observation } from "../core/action/action.ts";
import { writeObservation } from "../core/action/document.ts";
import { type Provenance, provenanceRows } from "../core/report/provenance.ts";
import type { SynthesisInput } from "../core/synthesis/input.ts";
import { leftOutText } from "../core/synthesis/portable.ts";
import { sha256 } from "../linux/sha256.ts";
import type { SystemdVersion } from "../linux/systemd-version.ts";
import type { Passed } from "./life/rehearse.ts";
import type { Service } from "./life/service.ts";
import type { Rehearsed } from "./life/trial.ts";

/** On what terms a drop-in is made. */
export interface Terms extends Pick<Rehearsed, "box" | "workload"> {
  readonly level: "balanced" | "strict";
  /** The systemd that is to read the drop-in; undefined: the one that rehearses it. */
  readonly targetVersion?: number | undefined;
  /** Whether what was found on this machine is left out of the drop-in. Default: no. */
  readonly portable?: boolean;
  /** Who asks: the words of the command line but for the workload, and Cloison's version. */
  readonly asked: { readonly command: readonly string[]; readonly version: string };
}

/** Where the drop-in comes from: when, where and by whom it was made, and from what. */
export function madeNow({ asked, workload }: Terms, observation: Observation): Provenance {
  const { command: text } = workload ?? {};
  return {
    date: new Date().toISOString(),
    host: hostname(),
    ...asked,
    ...(text === undefined ? {} : { workload: { text, sha256: sha256(text) } }),
    observation: {
      sha256: sha256(writeObservation(observation)),
      gaps: observation.gaps.reduce((sum, { count }) => sum + count, 0),
    },
  };
}

/** What stands at the top of every drop-in. */
export function headerOf(request: Terms, { name, systemd }: Service, made: Provenance): readonly string[] {
  const { level, targetVersion: target = systemd.version } = request;
  return [
    `Made by cloison harden for ${name}, systemd ${target === systemd.version ? systemd.full : target}, level ${level}.`,
    ...elsewhere(request, systemd),
    ...(request.portable === true ? ["Portable: without what was found on this machine."] : []),
    ...provenanceRows(made).map(([row, text]) => `${row}: ${text}`),
  ];
}

/** Where it was rehearsed, if that is not where it is to be used. */
export function elsewhere({ box, targetVersion }: Terms, systemd: SystemdVersion): readonly string[] {
  const root = box.root === undefined ? [] : [`Rehearsed on the system in ${box.root}, not on this machine's.`];
  const older =
    targetVersion === undefined || targetVersion === systemd.version
      ? []
      : [`Made for systemd ${targetVersion}, and rehearsed under systemd ${systemd.full} alone.`];
  return [...root, ...older];
}

/** What a drop-in that travels lacks here. */
export function leftOut(request: Terms, { host }: SynthesisInput, { input, synthesis }: Passed): readonly string[] {
  return request.portable === true ? leftOutText({ ...input, host }, synthesis) : [];
}

/** A setting that nobody knows: written wrong, or for a newer systemd. */
export function ignoredBy({ uncatalogued, systemd }: Service): readonly string[] {
  return uncatalogued.ignored.map(
    ({ directive, file, line }) =>
      `${file}:${line}: systemd ${systemd.full} does not know ${directive}= and ignores it.`,
  );
}
