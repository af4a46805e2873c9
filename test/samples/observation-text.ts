/** An observation for a person: who did what, with the parts of names that are never the same twice shown as `*`. */
import { type Access, callOf, type Need, type Observation, type Seen } from "../../src/core/action/action.ts";
import { lossText } from "../../src/core/action/gap.ts";
import { worked } from "../../src/core/directives/seen.ts";
import { looksRandom } from "../../src/core/synthesis/names.ts";

const WIDTH = 110;

function sorted(words: Iterable<string>): readonly string[] {
  return [...new Set(words)].sort();
}

/** Words in lines, with a title in the margin. */
function paragraph(title: string, words: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let line = title.padEnd(14);
  for (const word of words.length === 0 ? ["none"] : words) {
    if (line.trim() !== title && line.length + word.length + 1 > WIDTH) {
      lines.push(line.trimEnd());
      line = "".padEnd(14);
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

function steady(path: string): string {
  return path
    .split("/")
    .map((part) => (looksRandom(part.replace(/^@/, "")) ? part.replace(/[^@].*/, "*") : part))
    .join("/");
}

/** What is only read or looked at is told by its directory, four names deep at most: an interpreter reads thousands of files. */
function shownPath(path: string, access: Access): string {
  if (/^\/(var\/)?tmp\/./.test(path)) {
    return `${path.slice(0, path.indexOf("tmp/") + 4)}*`;
  }
  if (access !== "read" && access !== "look") {
    return steady(path);
  }
  const parts = steady(path).split("/").slice(1);
  return parts.length === 1 ? `/${parts[0]}` : `/${parts.slice(0, Math.min(parts.length - 1, 4)).join("/")}/`;
}

function needsOf<K extends Need["kind"]>(all: readonly Seen[], kind: K) {
  type Of = Extract<Need, { readonly kind: K }>;
  return all.flatMap((seen) =>
    seen.action.needs.filter((need): need is Of => need.kind === kind).map((need) => ({ need, seen })),
  );
}

function pathLines(all: readonly Seen[]): readonly string[] {
  const accesses: readonly Access[] = ["execute", "read", "write", "create", "change", "remove", "look"];
  return accesses.flatMap((access) => {
    const paths = needsOf(all, "path").filter(({ need }) => need.access === access);
    return paragraph(access, sorted(paths.map(({ need }) => shownPath(need.path, access))));
  });
}

function addressText({
  operation,
  family,
  address,
  port,
  transport,
}: Extract<Need, { readonly kind: "address" }>): string {
  // A client's own port, and an ephemeral one, are never the same twice.
  const number = port === undefined || (port >= 32768 && operation !== "connect") ? "" : ` ${port}`;
  const place = /^[/@]/.test(address) ? steady(address) : operation === "receive" ? "" : address;
  return `${operation} ${family.replace("AF_", "")}${transport === undefined ? "" : `/${transport}`} ${place || "*"}${number};`;
}

function capabilityText(all: readonly Seen[]): readonly string[] {
  const uses = needsOf(all, "capability").map(({ need, seen }) => {
    const why = callOf(seen.action)?.name ?? "found by trying";
    return `${need.capability} (${why}, over ${need.over});`;
  });
  return sorted(uses);
}

function otherNeeds(all: readonly Seen[]): readonly string[] {
  const namespaces = needsOf(all, "namespace").map(({ need }) => `namespaces ${need.namespaces.join("+")};`);
  const memory = needsOf(all, "memory")
    .filter(({ need }) => need.writable || need.operation !== "map")
    .map(({ need }) => `memory ${need.operation}${need.writable ? " writable and" : ""} executable;`);
  const processes = needsOf(all, "process").map(({ need }) => `${need.operation} ${need.target.relation};`);
  const become = needsOf(all, "become").map(({ need }) =>
    need.uid === undefined ? `become group ${need.gid};` : `become user ${need.uid};`,
  );
  const rest = ["ipc", "real-time", "gain", "keyring", "trust"] as const;
  const kinds = rest.filter((kind) => needsOf(all, kind).length > 0).map((kind) => `${kind};`);
  return sorted([...namespaces, ...memory, ...processes, ...become, ...kinds]);
}

/** The observation as text. What failed needs nothing, and is named by its call and error only. */
export function observationText(observation: Observation): string {
  const good = observation.seen.filter(worked);
  const failed = observation.seen.filter((seen) => !worked(seen));
  const identities = good.flatMap((seen) => seen.identities.map(({ uid, gid }) => `${uid}:${gid}`));
  return [
    observation.unit,
    "",
    ...paragraph("phases", observation.phases),
    ...paragraph(
      "lost",
      observation.gaps.map((gap) => `${lossText(gap)} (${gap.count});`),
    ),
    ...paragraph("identities", sorted(identities)),
    ...paragraph("programs", sorted(good.flatMap(({ executables }) => executables))),
    "",
    ...paragraph("calls", sorted(good.flatMap(({ action }) => callOf(action)?.name ?? []))),
    "",
    ...paragraph(
      "failed",
      sorted(failed.map(({ action, result }) => `${callOf(action)?.name ?? "no call"}:${result}`)),
    ),
    "",
    ...paragraph("capabilities", capabilityText(good)),
    ...paragraph("addresses", sorted(needsOf(good, "address").map(({ need }) => addressText(need)))),
    ...paragraph("others", otherNeeds(good)),
    "",
    ...pathLines(good),
    "",
  ].join("\n");
}
