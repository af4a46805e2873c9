/** Where a result comes from: when, where, by whom and from what it was made; in the report, and at the top of the drop-in. */

/** How a result came about. */
export interface Provenance {
  /** ISO 8601, in UTC. */
  readonly date: string;
  readonly host: string;
  /** Cloison's version. */
  readonly version: string;
  /** The words of the command line after `cloison`, but for the workload. */
  readonly command: readonly string[];
  /** The command that exercised the service; its environment is never kept. Absent: there was none. */
  readonly workload?: { readonly text: string; readonly sha256: string };
  /** The observation.json beside it, and how many gaps it has. */
  readonly observation: { readonly sha256: string; readonly gaps: number };
}

/** A word as a shell reads it back. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Line by line, each a name and what it says, as it was given: whoever prints it makes it harmless. */
export function provenanceRows(made: Provenance): readonly (readonly [string, string])[] {
  const { workload, observation } = made;
  const gaps = observation.gaps === 0 ? "no gaps" : `${observation.gaps} ${observation.gaps === 1 ? "gap" : "gaps"}`;
  return [
    ["made", `${made.date} on ${made.host} by Cloison ${made.version}`],
    ["command", ["cloison", ...made.command].map(quoted).join(" ")],
    ...(workload === undefined
      ? []
      : ([
          ["workload", workload.text],
          ["its SHA-256", workload.sha256],
        ] as const)),
    ["observation", `SHA-256 ${observation.sha256}, ${gaps}`],
  ];
}
