/** DeviceAllow=. Facts: systemd.resource-control(5). */
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { quoteValue } from "../../unit/print.ts";
import { splitWords } from "../../unit/words.ts";
import { ignored, sameValue } from "../_scalar.ts";
import type { Directive } from "../directive.ts";
import type { DeviceEntry } from "./_device-list.ts";

type Entries = readonly DeviceEntry[];

function parse(text: string): DeviceEntry | undefined {
  const { words } = splitWords(text, "list");
  const [device, access = "rwm"] = words;
  if (device === undefined || words.length > 2 || !/^[rwm]*$/.test(access)) return undefined;
  if (!/^(\/dev\/|\/run\/systemd\/inaccessible\/|char-|block-)/.test(device)) return undefined;
  return { device, access: [..."rwm"].filter((letter) => access.includes(letter)).join("") };
}

/** Each device once; the later access adds to the earlier. */
function unite(entries: Entries): Entries {
  const access = new Map<string, string>();
  for (const entry of entries) {
    const both = (access.get(entry.device) ?? "") + entry.access;
    access.set(entry.device, [..."rwm"].filter((letter) => both.includes(letter)).join(""));
  }
  return [...access].sort(([a], [b]) => (a < b ? -1 : 1)).map(([device, letters]) => ({ device, access: letters }));
}

/** What both lists give, by the device's name. */
function meet(a: Entries, b: Entries): Entries {
  if (a.length === 0 || b.length === 0) return unite([...a, ...b]);
  return a.flatMap(({ device, access }) => {
    const other = b.find((entry) => entry.device === device)?.access ?? "";
    const both = [...access].filter((letter) => other.includes(letter)).join("");
    return both === "" ? [] : [{ device, access: both }];
  });
}

/** A door in DevicePolicy=. */
export const deviceAllow: Directive<Entries> = {
  name: "DeviceAllow",
  since: 208,
  group: "devices",
  summary: "Lets the service open these devices although DevicePolicy= closes all others.",
  breaks: "Every device that is not listed: one line of it turns DevicePolicy=auto into closed.",
  ineffective: ["With PrivateDevices=yes the node is not there, whatever the rule."],
  initial: [],
  fold: (assignments) => {
    let value: Entries = [];
    const diagnostics: Diagnostic[] = [];
    for (const assignment of assignments) {
      const text = assignment.value.trim();
      const entry = parse(text);
      if (text === "") value = [];
      else if (entry === undefined) diagnostics.push(ignored("DeviceAllow", assignment, "a device and r, w, m"));
      else value = unite([...value, entry]);
    }
    return { value, diagnostics };
  },
  // One device a line.
  print: (value, below) => {
    if (sameValue(value, below)) return [];
    const lines = value.map(({ device, access }) => {
      const quoted = quoteValue(device);
      return quoted.ok ? `${quoted.value} ${access}`.trim() : "";
    });
    return below.length === 0 ? lines : ["", ...lines];
  },
  meet,
  door: ["DevicePolicy"],
  samples: ["/dev/null rw", "char-pts r"],
  walls: () => [],
};
