import { expect, test } from "vitest";
import type { Access, Observation, Seen } from "../action/action.ts";
import { setting } from "../sandbox/origin.ts";
import type { MountMode, Sandbox, Wall } from "../sandbox/wall.ts";
import { suspectsOf } from "./suspects.ts";
import type { Setting } from "./synthesize.ts";

function open(path: string, access: Access, result: Seen["result"], uid = 0): Seen {
  return {
    action: {
      call: { abi: "x86_64", name: "openat", arguments: [] },
      needs: [{ kind: "path", path, access }],
    },
    result,
    phases: ["workload"],
    identities: [{ uid, gid: uid }],
    executables: ["/usr/bin/app"],
    count: 1,
    hosts: [],
  };
}

function observed(...seen: readonly Seen[]): Observation {
  return { schema: "cloison.observation/2", unit: "app.service", seen, gaps: [], phases: ["start"] };
}

function mount(directive: string, path: string, mode: MountMode): Wall {
  return { kind: "mount", by: setting(directive, path), path, mode, optional: false };
}

/** In the order of a drop-in. */
function dropIn(...directives: readonly string[]): readonly Setting[] {
  return directives.map((directive) => ({ directive, value: "", lines: [""], reason: "", doors: [], step: 0 }));
}

const sandbox: Sandbox = {
  walls: [
    mount("ProtectSystem", "/usr", { kind: "read-only" }),
    mount("ReadOnlyPaths", "/srv", { kind: "read-only" }),
    mount("TemporaryFileSystem", "/opt", { kind: "empty", readOnly: true }),
  ],
};
const settings = dropIn("ProtectClock", "ProtectSystem", "ReadOnlyPaths", "TemporaryFileSystem");

test("suspectsOf: who refuses what worked beside it, with the error that was seen, is proven guilty", () => {
  const before = observed(open("/srv/data/1", "write", "ok"));
  const after = observed(open("/srv/data/2", "write", "EROFS"));
  expect(suspectsOf(before, after, { settings, after: sandbox })).toEqual({ proven: ["ReadOnlyPaths"], hinted: [] });
});

test("suspectsOf: who refuses what was not seen to work, or with another error, is a hint only", () => {
  const before = observed(open("/srv/data/1", "write", "ok"));
  const after = observed(open("/srv/data/2", "write", "EACCES"), open("/opt/plugin", "read", "ENOENT"));
  expect(suspectsOf(before, after, { settings, after: sandbox })).toEqual({
    proven: [],
    hinted: ["ReadOnlyPaths", "TemporaryFileSystem"],
  });
});

test("suspectsOf: what failed so before is nobody's fault, nor what no wall refuses", () => {
  const before = observed(open("/opt/plugin", "read", "ENOENT"));
  const after = observed(open("/opt/plugin", "read", "ENOENT"), open("/etc/app.conf", "write", "EROFS"));
  expect(suspectsOf(before, after, { settings, after: sandbox })).toEqual({ proven: [], hinted: [] });
});

test("suspectsOf: what the unit itself refuses is no setting of the drop-in", () => {
  const before = observed(open("/srv/data/1", "write", "ok"));
  const after = observed(open("/srv/data/2", "write", "EROFS"));
  const others = dropIn("ProtectClock");
  expect(suspectsOf(before, after, { settings: others, after: sandbox })).toEqual({ proven: [], hinted: [] });
});
