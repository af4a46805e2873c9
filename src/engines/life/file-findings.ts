/** What the unit's files tell in a box: the exposure before and after, and the hashes of its programs. */
import { dirname, join } from "node:path";
import { type CodeFiles, codeOf } from "../../core/unit/code.ts";
import { analyzeSecurity } from "../../linux/analyze-security.ts";
import { readIn } from "../../linux/beneath.ts";
import { existingIn, fileFacts } from "../../linux/other-root.ts";
import { sha256 } from "../../linux/sha256.ts";
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
  /** What runs and has no hash, in words. */
  readonly notCovered: readonly string[];
  readonly installed?: {
    readonly exposure: number;
    readonly added: readonly string[];
    readonly dropped: readonly string[];
  };
}

/** Analyses the unit's own file, without and with the drop-in beside it as it will lie on the host; nothing is started. */
export function lookAtFiles(rehearsed: Rehearsed, dropIn: string): Promise<FileFindings> {
  return inBox(rehearsed, undefined, async (box, service, installed) => {
    // What the box adds to every unit is no part of the service.
    await box.run(["rm", "-rf", "/run/systemd/system/service.d"]);
    const before = await exposureIn(box, service);
    await box.writeFile(dropInPath(service.name), dropIn);
    const after = await exposureIn(box, service);
    const code = codeOf(service.unit, filesOf(box));
    const programs = [...new Set([...service.executables, ...code.files])];
    const findings = {
      exposure: { before, after },
      executables: await hashPrograms(box, programs),
      notCovered: [...code.unnamed, LIBRARIES].map(
        (what) => `${what}: no hash covers it, so apply does not notice a change`,
      ),
    };
    if (installed === undefined) {
      return findings;
    }
    await box.writeFile(dropInPath(service.name), installed);
    return { ...findings, installed: { exposure: await exposureIn(box, service), ...compared(dropIn, installed) } };
  });
}

const LIBRARIES = "libraries, modules and configuration that the programs read";

/** By their settings; the reasons beside them are no matter. */
function compared(dropIn: string, installed: string): { added: readonly string[]; dropped: readonly string[] } {
  const settings = (text: string): readonly string[] => text.split("\n").filter((line) => /^\w+=./.test(line));
  const [now, then] = [settings(dropIn), settings(installed)];
  return {
    added: now.filter((line) => !then.includes(line)),
    dropped: then.filter((line) => !now.includes(line)),
  };
}

function filesOf(box: Box): CodeFiles {
  const real = (path: string): string | undefined => existingIn(box.root, path);
  return {
    isFile: (path) => fileFacts(box.root, real(path) ?? path)?.type === "file",
    firstLine: (path) =>
      readIn(box.root, real(path) ?? path, 256)
        ?.toString("utf8")
        .split("\n")[0] ?? "",
  };
}

/** systemd-analyze takes a template for an instance of its own; a file by the instance's name has the drop-ins of both. */
async function ownFile(box: Box, { name, unit, files: [file] }: Service): Promise<string> {
  if (file === undefined || unit.name.instance === undefined) {
    return file?.path ?? name;
  }
  const path = join(dirname(file.path), name);
  if (path !== file.path) {
    await box.writeFile(path, file.text);
  }
  return path;
}

async function exposureIn(box: Box, service: Service): Promise<number> {
  const file = await ownFile(box, service);
  return (await analyzeSecurity(file, (argv, options) => box.run(argv, options))).exposure;
}

async function hashPrograms(box: Box, paths: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const entries = await Promise.all(paths.map(async (path) => [path, sha256(await box.readFile(path))] as const));
  return Object.fromEntries(entries);
}
