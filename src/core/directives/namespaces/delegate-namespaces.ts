/**
 * DelegateNamespaces=. Facts: systemd.exec(5) of systemd 258, namespaces(7): the named kinds are made after the user
 * namespace and so belong to it; without one, systemd makes one as with PrivateUsers=self. Read and judged; never proposed.
 */
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { NAMESPACE_KINDS, type NamespaceKind } from "../../kernel/namespace.ts";
import { setting } from "../../sandbox/origin.ts";
import { parseBoolean } from "../_boolean.ts";
import { ignored, sameValue } from "../_scalar.ts";
import { type Directive, never, type UnitFacts } from "../directive.ts";
import { privateUsers } from "./private-users.ts";

/** The kinds that belong to the service; undefined when unset. */
type Delegated = readonly NamespaceKind[] | undefined;

/** There is no giving away the user namespace itself. Time namespaces can be named, and are never made. */
const NAMEABLE = NAMESPACE_KINDS.filter((kind) => kind !== "user");

function parseLine(value: Delegated, text: string): Delegated | "bad" {
  if (text === "") {
    return undefined;
  }
  const boolean = parseBoolean(text);
  if (boolean !== undefined) {
    return boolean ? NAMEABLE : [];
  }
  const invert = text.startsWith("~");
  const words = (invert ? text.slice(1) : text).split(/\s+/).filter((word) => word !== "");
  if (words.some((word) => !NAMESPACE_KINDS.some((kind) => kind === word))) {
    return "bad";
  }
  const named = (kind: NamespaceKind) => words.includes(kind);
  return invert
    ? (value ?? NAMEABLE).filter((kind) => !named(kind))
    : NAMEABLE.filter((kind) => named(kind) || value?.includes(kind) === true);
}

/** Root in a user namespace is root over those namespaces that belong to it. */
export const delegateNamespaces: Directive<Delegated> = {
  name: "DelegateNamespaces",
  since: 258,
  group: "namespaces",
  summary: "Lets the service rule over its own namespaces of these kinds, in a user namespace of its own.",
  breaks: "Services that need a capability on the host.",
  implies: (value) => (value === undefined || value.length === 0 ? [] : ["PrivateUsers=yes"]),
  requires: ["user-namespaces"],
  ineffective: ["A kind of which the service has no namespace of its own is not given."],
  initial: undefined,
  fold: (assignments) => {
    let value: Delegated;
    const diagnostics: Diagnostic[] = [];
    for (const assignment of assignments) {
      const parsed = parseLine(value, assignment.value.trim());
      if (parsed === "bad") {
        diagnostics.push(ignored("DelegateNamespaces", assignment, "yes, no or kinds of namespaces"));
      } else {
        value = parsed;
      }
    }
    return { value, diagnostics };
  },
  print: (value, below) => {
    if (sameValue(value, below)) {
      return [];
    }
    if (value === undefined) {
      return [""];
    }
    return value.length === 0 ? ["no"] : [...(below === undefined ? [] : [""]), value.join(" ")];
  },
  // A door: what neither gives away stays the machine's.
  meet: (a, b) => (a === undefined || b === undefined ? (a ?? b) : a.filter((kind) => b.includes(kind))),
  samples: ["yes", "mnt net"],
  walls: (value, facts) =>
    value === undefined || value.length === 0 || facts.valueOf(privateUsers) !== "no"
      ? []
      : [{ kind: "namespace", by: setting("DelegateNamespaces", value.join(" ")), namespace: "user", map: "self" }],
  ladder: never("It only grants access, and closes nothing."),
};

/** Mounts of these show one of these namespaces, so that the mount namespace can only be made after them. */
const MOUNTED: readonly NamespaceKind[] = ["pid", "cgroup", "net"];

/**
 * The kinds that systemd makes after the user namespace, and which so belong to it: those that are named, and with some of these
 * the mount namespace, too (exec_namespace_is_delegated() in systemd 262's exec-invoke.c; measured).
 */
export function delegatedKinds(facts: UnitFacts): readonly NamespaceKind[] {
  const named = facts.systemd < delegateNamespaces.since ? [] : (facts.valueOf(delegateNamespaces) ?? []);
  return named.includes("mnt") || !named.some((kind) => MOUNTED.includes(kind)) ? named : [...named, "mnt"];
}
