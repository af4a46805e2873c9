/** The line of a daemon's configuration, as the daemon was seen to read it, that names what its own user could not make. */
import type { Observation } from "../../core/action/action.ts";
import { needsOf } from "../../core/directives/seen.ts";
import { lineNaming, type NamingLine } from "../../core/own-user/configuration.ts";
import type { OwnUserPlan } from "../../core/own-user/own-user.ts";
import { stemOf } from "../../core/own-user/plan.ts";
import type { Box } from "../box/box.ts";
import type { Service } from "./service.ts";
import { textsIn } from "./text-files.ts";

/** The first such line; undefined if there is none. */
export function namingLine(
  box: Box,
  { unit }: Service,
  observation: Observation,
  { unplaced }: OwnUserPlan,
): NamingLine | undefined {
  const read = needsOf(observation, "path").filter(
    ({ need }) => need.access === "read" && need.path.startsWith("/etc/"),
  );
  const paths = [...new Set(read.map(({ need }) => need.path))].sort();
  const files = textsIn(box, paths);
  const inRun = unplaced.filter(({ path }) => path.startsWith("/run/"));
  const found = inRun.map(({ path }) => lineNaming(files, path, `/run/${stemOf(unit)}`));
  return found.find((line) => line !== undefined);
}
