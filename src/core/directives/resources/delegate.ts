/** Delegate=. Facts: systemd.resource-control(5), "Delegation" in cgroups(7), systemd's docs/CGROUP_DELEGATION. */
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { parseBoolean } from "../_boolean.ts";
import { ignored, sameValue } from "../_scalar.ts";
import { type Directive, type DirectiveAssignment, never } from "../directive.ts";

/** Not at all, with all controllers, or with these. */
type Delegated = "no" | "yes" | readonly string[];

const CONTROLLERS =
  "cpu cpuacct cpuset io blkio memory devices pids bpf-firewall bpf-devices bpf-foreign bpf-socket-bind bpf-restrict-network-interfaces bpf-bind-network-interface".split(
    " ",
  );

function foldLine(value: Delegated, text: string): { readonly value: Delegated; readonly unknown: readonly string[] } {
  if (text === "") {
    return { value: [], unknown: [] };
  }
  const boolean = parseBoolean(text);
  if (boolean !== undefined) {
    return { value: boolean ? "yes" : "no", unknown: [] };
  }
  const words = text.split(/\s+/);
  const before = value === "no" ? [] : value;
  const named = before === "yes" ? before : CONTROLLERS.filter((name) => before.includes(name) || words.includes(name));
  return { value: named, unknown: words.filter((word) => !CONTROLLERS.includes(word)) };
}

function fold(assignments: readonly DirectiveAssignment[]): { value: Delegated; diagnostics: Diagnostic[] } {
  let value: Delegated = "no";
  const diagnostics: Diagnostic[] = [];
  for (const assignment of assignments) {
    const folded = foldLine(value, assignment.value.trim());
    value = folded.value;
    diagnostics.push(
      ...folded.unknown.map((word) => ignored("Delegate", { ...assignment, value: word }, "yes, no or controllers")),
    );
  }
  return { value, diagnostics };
}

/**
 * The service's user gets the directory and the list of processes of its own cgroup and nothing above: moving to a
 * neighbour's needs that neighbour's, and the limits of its own cgroup stay the manager's. So no wall opens.
 */
export const delegate: Directive<Delegated> = {
  name: "Delegate",
  since: 218,
  group: "resources",
  summary:
    "Leaves the service its own part of the cgroup tree, to make cgroups in it; with User= it belongs to that user.",
  breaks: "Nothing: it only gives. Container managers need it.",
  weight: 100,
  requires: [],
  ineffective: ["With ProtectControlGroups=yes or strict the tree is read-only all the same."],
  initial: "no",
  fold,
  print: (value, below) => {
    if (sameValue(value, below)) {
      return [];
    }
    if (value === "yes" || value === "no") {
      return [value];
    }
    const lines = value.length === 0 ? [] : [value.join(" ")];
    return below === "no" && lines.length > 0 ? lines : ["", ...lines];
  },
  // Whoever asks for delegation cannot work without: the unit's own value is kept.
  meet: (a, b) => (b === "no" ? a : b),
  samples: ["yes", "memory pids"],
  walls: () => [],
  ladder: never("It only grants access, and closes nothing."),
};
