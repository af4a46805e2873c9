/** What is measured: the profiles that containers run under, a unit's filter, and the calls of a real service as weights. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  callCounts,
  decompileFilter,
  filtersOf,
  policyOfProfile,
  readObservation,
  readProfile,
  sandboxOf,
} from "../../dist/core/index.js";
import { ensureProfiles } from "../../tools/setup/profiles.mjs";
import { must } from "./must.mjs";

/** Docker's and Podman's default profiles as policies for x86_64. */
export function containerPolicies() {
  const paths = ensureProfiles(console.log);
  const [docker, podman] = [paths.docker, paths.podman].map((path) => {
    const profile = must(readProfile(readFileSync(path, "utf8"), path));
    return must(policyOfProfile(profile, { abis: ["x86_64"] }));
  });
  return { docker, podman };
}

/** The lines of a unit as one policy for x86_64. */
export function unitPolicy(lines) {
  const assignmentsOf = (name) =>
    lines
      .filter((line) => line.startsWith(`${name}=`))
      .map((line, place) => ({ value: line.slice(name.length + 1), file: "unit", line: place + 1 }));
  const host = { systemd: 257, machine: "x86_64", user: () => undefined, directories: [], executables: [] };
  const { policies } = filtersOf(sandboxOf(assignmentsOf, host).sandbox);
  const native = policies.map((policy) => ({ ...policy, abis: { x86_64: policy.abis.x86_64 } }));
  return must(decompileFilter({ kind: "policies", policies: native }));
}

/** How often nginx made each call while it was observed. */
export function nginxCounts() {
  const path = join(import.meta.dirname, "../samples/nginx/observation.json");
  return callCounts(must(readObservation(readFileSync(path, "utf8"), path)));
}
