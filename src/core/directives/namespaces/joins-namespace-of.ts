/**
 * JoinsNamespaceOf=, which stands in [Unit]. Facts: systemd.unit(5), systemd.exec(5): of two units that join each other,
 * both must ask for a namespace of their own, and then have it together. Read and judged; never proposed.
 */
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { setting } from "../../sandbox/origin.ts";
import type { Concern } from "../../sandbox/wall.ts";
import { mountWall } from "../_mount.ts";
import { ignored, sameValue } from "../_scalar.ts";
import { type Directive, never, type UnitFacts } from "../directive.ts";
import { ipcNamespacePath } from "../ipc/ipc-namespace-path.ts";
import { privateIpc } from "../ipc/private-ipc.ts";
import { networkNamespacePath } from "../network/network-namespace-path.ts";
import { privateNetwork } from "../network/private-network.ts";

type Units = readonly string[];

const UNIT = /^[\w:.\\@-]+\.(?:service|socket|mount|swap)$/;

function unite(a: Units, b: Units): Units {
  return [...new Set([...a, ...b])].sort();
}

/**
 * What the other units might lead to: a namespace that a unit is given by its path is shared, too, by whoever comes first
 * (open_shareable_ns_path in systemd's namespace.c).
 */
function shared(facts: UnitFacts): readonly Concern[] {
  const network = facts.valueOf(privateNetwork) || facts.valueOf(networkNamespacePath) !== "";
  const ipc = facts.valueOf(privateIpc) || facts.valueOf(ipcNamespacePath) !== "";
  return [...(network ? (["address"] as const) : []), ...(ipc ? (["ipc"] as const) : [])];
}

/** Two units behind one wall. */
export const joinsNamespaceOf: Directive<Units> = {
  name: "JoinsNamespaceOf",
  since: 209,
  section: "Unit",
  group: "namespaces",
  summary: "Shares /tmp, the network and the IPC objects with these units, as far as both keep them from all others.",
  breaks: "Nothing; without it such units cannot meet there.",
  requires: [],
  ineffective: [
    "It shares nothing without PrivateTmp=yes, PrivateNetwork= or PrivateIPC= in both units.",
    "What the other units let in is open to this one, too.",
  ],
  initial: [],
  fold: (assignments) => {
    let value: Units = [];
    const diagnostics: Diagnostic[] = [];
    for (const assignment of assignments) {
      const words = assignment.value.split(/\s+/).filter((word) => word !== "");
      value = unite(
        value,
        words.filter((word) => UNIT.test(word)),
      );
      for (const word of words.filter((each) => !UNIT.test(each))) {
        diagnostics.push(ignored("JoinsNamespaceOf", { ...assignment, value: word }, "the name of a unit"));
      }
    }
    return { value, diagnostics };
  },
  // Dependencies cannot be taken back.
  print: (value, below) => {
    const fresh = value.filter((each) => !below.includes(each));
    return sameValue(value, below) || fresh.length === 0 ? [] : [fresh.join(" ")];
  },
  meet: unite,
  samples: ["other.service"],
  walls: (value, facts) => {
    const about = shared(facts);
    const by = setting("JoinsNamespaceOf", value.join(" "));
    // The queues of whichever namespace it is.
    const queues = about.includes("ipc") ? [mountWall(by, "/dev/mqueue", { kind: "unseen" })] : [];
    return value.length === 0 || about.length === 0 ? [] : [{ kind: "unmodelled", by, about, opens: true }, ...queues];
  },
  ladder: never("It only grants access, and closes nothing."),
};
