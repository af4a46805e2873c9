/** DeviceAllow=. Facts: systemd.resource-control(5). */
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { quoteValue } from "../../unit/print.ts";
import { splitWords } from "../../unit/words.ts";
import { ignored, sameValue } from "../_scalar.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { type NeedOf, needsOf } from "../seen.ts";
import { type DeviceEntry, isClosedDevice } from "./_device-list.ts";

type Entries = readonly DeviceEntry[];

function parse(text: string): DeviceEntry | undefined {
  const { words } = splitWords(text, "list");
  const [device, access = "rwm"] = words;
  if (device === undefined || words.length > 2 || !/^[rwm]*$/.test(access)) {
    return undefined;
  }
  if (!/^(\/dev\/|\/run\/systemd\/inaccessible\/|char-|block-)/.test(device)) {
    return undefined;
  }
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
  if (a.length === 0 || b.length === 0) {
    return unite([...a, ...b]);
  }
  return a.flatMap(({ device, access }) => {
    const other = b.find((entry) => entry.device === device)?.access ?? "";
    const both = [...access].filter((letter) => other.includes(letter)).join("");
    return both === "" ? [] : [{ device, access: both }];
  });
}

/** The entry that one need asks for; undefined when closed leaves it, or it is no device. */
function entryFor({ path, access, file }: NeedOf<"path">): DeviceEntry | undefined {
  const type = file?.type;
  if ((type !== "char" && type !== "block") || file?.device === undefined || !path.startsWith("/dev/")) {
    return undefined;
  }
  if (isClosedDevice(file.device, type) || (access !== "read" && access !== "write")) {
    return undefined;
  }
  return { device: path, access: access === "read" ? "r" : "w" };
}

/** Devices that were opened beside those that closed leaves, each for what it was opened for. */
function candidates({ observation, unit }: Situation): readonly Candidate<Entries>[] {
  const found = needsOf(observation, "path").map(({ need }) => entryFor(need));
  const value = unite(found.filter((entry) => entry !== undefined));
  if (value.length === 0 || unit.setting("DeviceAllow") !== undefined) {
    return [];
  }
  const names = value.map(({ device }) => device);
  return [{ value, reason: `was seen to use ${names.join(", ")}`, doors: names.map((name) => `may open ${name}`) }];
}

/** A door in DevicePolicy=. */
export const deviceAllow: Directive<Entries> = {
  name: "DeviceAllow",
  since: 208,
  group: "devices",
  summary: "Lets the service open these devices although DevicePolicy= closes all others.",
  breaks: "Every device that is not listed: one line of it turns DevicePolicy=auto into closed.",
  weight: 1000,
  requires: ["device-filter"],
  ineffective: ["With PrivateDevices=yes the node is not there, whatever the rule."],
  initial: [],
  fold: (assignments) => {
    let value: Entries = [];
    const diagnostics: Diagnostic[] = [];
    for (const assignment of assignments) {
      const text = assignment.value.trim();
      const entry = parse(text);
      if (text === "") {
        value = [];
      } else if (entry === undefined) {
        diagnostics.push(ignored("DeviceAllow", assignment, "a device and r, w, m"));
      } else {
        value = unite([...value, entry]);
      }
    }
    return { value, diagnostics };
  },
  // One device a line.
  print: (value, below) => {
    if (sameValue(value, below)) {
      return [];
    }
    const lines = value.map(({ device, access }) => {
      const quoted = quoteValue(device);
      return quoted.ok ? `${quoted.value} ${access}`.trim() : "";
    });
    return below.length === 0 ? lines : ["", ...lines];
  },
  meet,
  door: ["DevicePolicy", "PrivateDevices"],
  samples: ["/dev/null rw", "char-pts r"],
  walls: () => [],
  ladder: candidates,
};
