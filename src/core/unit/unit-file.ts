/** A unit file or drop-in as data: every byte is in some entry's `raw`, so that printing reproduces what was parsed. */

/** A run of whole lines. `line` is 1-based; `raw` includes line ends. */
export type Entry = SectionEntry | AssignmentEntry | OtherEntry;

/** `[Service]`. */
export interface SectionEntry {
  readonly kind: "section";
  readonly line: number;
  readonly raw: string;
  readonly name: string;
}

/** `Key=value`, with continuation lines joined as systemd joins them and the comments inside them left out. */
export interface AssignmentEntry {
  readonly kind: "assignment";
  readonly line: number;
  /** 1-based column of the key. */
  readonly column: number;
  readonly raw: string;
  /** The section that it is in. */
  readonly section: string;
  readonly key: string;
  /** Without white space around it; an empty value is a reset. */
  readonly value: string;
}

/** A line without an effect: `ignored` is one that systemd warns about and skips. */
export interface OtherEntry {
  readonly kind: "blank" | "comment" | "ignored";
  readonly line: number;
  readonly raw: string;
}

/** One parsed file. `path` is what diagnostics name. */
export interface UnitFile {
  readonly path: string;
  readonly entries: readonly Entry[];
}

/** The text of a unit file, exactly as it was parsed. */
export function print(unit: UnitFile): string {
  return unit.entries.map((entry) => entry.raw).join("");
}
