/** What may be done to another process: ids, capabilities, user namespaces, and what goes through its directory of /proc. */
import { describe, expect, test } from "vitest";
import type { Need, ProcessFacts, ProcessOperation } from "../action/action.ts";
import { PROCESS_OPERATIONS } from "../action/action.ts";
import { judge } from "./judge.ts";
import { setting } from "./origin.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Wall } from "./wall.ts";

const bare: Wall = { kind: "bounding", by: setting("CapabilityBoundingSet", ""), keep: [] };
const apart: Wall = { kind: "namespace", by: setting("PrivateUsers", "yes"), namespace: "user", map: "self" };
const alone: Wall = { kind: "namespace", by: setting("PrivatePIDs", "yes"), namespace: "pid" };
const www: Wall = { kind: "identity", by: setting("User", "www-data"), uid: 33, gid: 33, groups: [] };

/** A neighbour of root's without capabilities. */
const twin: ProcessFacts = { uid: 0, gid: 0, relation: "neighbour", capabilities: [] };

function verdict(walls: readonly Wall[], need: Need, surroundings: Surroundings = {}): string {
  const call = { abi: "x86_64", name: "openat", arguments: [] } as const;
  return judge({ walls }, { call, needs: [need] }, surroundings).kind;
}

/** Naming it is nobody's to refuse but a PID namespace's. */
const OPERATIONS = PROCESS_OPERATIONS.filter((operation) => operation !== "name");

function open(walls: readonly Wall[], target: ProcessFacts, surroundings?: Surroundings): readonly ProcessOperation[] {
  return OPERATIONS.filter(
    (operation) => verdict(walls, { kind: "process", operation, target }, surroundings) === "allowed",
  );
}

describe("a neighbour of the same user", () => {
  test("is open to root without any capability", () => {
    expect(open([bare], twin)).toEqual(OPERATIONS);
  });

  test("with a capability that one lacks may be signalled and limited, and no more", () => {
    expect(open([bare], { ...twin, capabilities: ["CAP_CHOWN"] })).toEqual(["signal", "limit"]);
  });

  test("of another group may only be signalled", () => {
    expect(open([bare], { ...twin, gid: 5 })).toEqual(["signal"]);
  });

  test("may be signalled and limited from a user namespace of one's own", () => {
    expect(open([bare, apart], twin)).toEqual(["signal", "limit"]);
    expect(open([apart], twin)).toEqual(["signal", "limit"]);
  });

  test("is out of reach from a PID namespace of one's own", () => {
    expect(open([bare, alone], twin)).toEqual([]);
  });
});

describe("a neighbour in a user namespace of its own", () => {
  const hidden: ProcessFacts = { ...twin, uid: 700, gid: 700, userNamespace: { owner: 0 } };

  test("is open to whoever made that namespace, whatever its user and however few capabilities one has", () => {
    expect(open([bare], hidden)).toEqual(OPERATIONS);
    expect(open([bare], { ...twin, userNamespace: { owner: 0 } })).toEqual(OPERATIONS);
  });

  test("is closed to others without capabilities, the same user among them", () => {
    expect(open([www], hidden)).toEqual([]);
    const own: ProcessFacts = { ...twin, uid: 33, gid: 33, userNamespace: { owner: 0 } };
    expect(open([www], own)).toEqual(["signal", "limit"]);
  });

  test("is closed from another such namespace", () => {
    expect(open([apart], hidden)).toEqual([]);
  });
});

describe("kernel.yama.ptrace_scope", () => {
  test("keeps those without CAP_SYS_PTRACE from tracing, and from nothing else", () => {
    const without = OPERATIONS.filter((operation) => operation !== "trace");
    expect(open([bare], twin, { ptraceScope: 0 })).toEqual(OPERATIONS);
    expect(open([bare], twin, { ptraceScope: 1 })).toEqual(without);
    expect(open([], twin, { ptraceScope: 2 })).toEqual(OPERATIONS);
    expect(open([], twin, { ptraceScope: 3 })).toEqual(without);
  });

  test("leaves open whether one may trace a process of one's own unit", () => {
    const own = { kind: "process", operation: "trace", target: { ...twin, relation: "unit" } } as const;
    expect(verdict([bare], own, { ptraceScope: 1 })).toBe("unknown");
    expect(verdict([bare], own, { ptraceScope: 2 })).toBe("denied");
  });
});

describe("a path below a neighbour's root directory", () => {
  const facts = { type: "file", uid: 0, gid: 0, mode: 0o600, parent: { uid: 0, gid: 0, mode: 0o700 } } as const;
  const below: Need = {
    kind: "path",
    path: "/proc/[pid]/root/var/lib/twin/file",
    access: "create",
    file: facts,
    process: twin,
  };
  type Mode = Extract<Wall, { readonly kind: "mount" }>["mode"];
  const mount = (path: string, mode: Mode): Wall => ({
    kind: "mount",
    by: setting("X", path),
    path,
    mode,
    optional: false,
  });
  const readOnly = (path: string): Wall => mount(path, { kind: "read-only" });

  test("is not read-only because one's own mounts are", () => {
    expect(verdict([bare, readOnly("/")], below)).toBe("allowed");
    expect(verdict([bare, readOnly("/"), readOnly("/proc")], below)).toBe("allowed");
  });

  test("takes a look at /proc, the permission to enter, and that of the file", () => {
    const covered = mount("/proc", { kind: "inaccessible" });
    expect(verdict([bare, covered], below)).toBe("denied");
    expect(verdict([bare, apart], below)).toBe("denied");
    const ofAnother: Need = { ...below, file: { ...facts, parent: { uid: 7, gid: 7, mode: 0o700 } } };
    expect(verdict([bare], ofAnother)).toBe("denied");
  });

  test("hidepid= shows a neighbour of root's without capabilities to root without any", () => {
    const hidden = mount("/proc", { kind: "proc", hide: "ptraceable", pidOnly: false });
    expect(verdict([bare, hidden], below)).toBe("allowed");
    expect(verdict([bare, hidden], { ...below, process: { ...twin, capabilities: ["CAP_KILL"] } })).toBe("denied");
  });
});
