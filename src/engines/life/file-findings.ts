/** What the unit's files tell in a box: the exposure before and after, and the hashes of its programs. */
import { createHash } from "node:crypto";
import { analyzeSecurity } from "../../linux/analyze-security.ts";
import type { Box } from "../box/box.ts";
import { dropInPath } from "./drop-in.ts";
import type { Service } from "./service.ts";
import { inBox, type Rehearsed } from "./trial.ts";

/** Both figures, 0.0 to 10.0. */
export interface Exposures {
  readonly before: number;
  readonly after: number;
}

/** What was found. */
export interface FileFindings {
  readonly exposure: Exposures;
  /** SHA-256 by path, hexadecimal: of each program as it is in the box, which is as it is on the machine. */
  readonly executables: Readonly<Record<string, string>>;
}

/** Analyses the unit's own file, without and with the drop-in beside it as it will lie on the host; nothing is started. */
export function lookAtFiles(rehearsed: Rehearsed, dropIn: string): Promise<FileFindings> {
  return inBox(rehearsed, undefined, async (box, service) => {
    // What the box adds to every unit is no part of the service.
    await box.run(["rm", "-rf", "/run/systemd/system/service.d"]);
    const before = await exposureIn(box, service);
    await box.writeFile(dropInPath(service.name), dropIn);
    const after = await exposureIn(box, service);
    return { exposure: { before, after }, executables: await hashPrograms(box, service.executables) };
  });
}

async function exposureIn(box: Box, service: Service): Promise<number> {
  const file = service.files[0]?.path ?? service.name;
  return (await analyzeSecurity(file, (argv, options) => box.run(argv, options))).exposure;
}

async function hashPrograms(box: Box, paths: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const entries = await Promise.all(
    paths.map(async (path) => {
      const digest = createHash("sha256")
        .update(await box.readFile(path))
        .digest("hex");
      return [path, digest] as const;
    }),
  );
  return Object.fromEntries(entries);
}
