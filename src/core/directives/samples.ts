/** What a directive's file says of each of its samples, for documentation. */
import type { AnyDirective } from "./directive.ts";
import { foldUnit, type Host } from "./sandbox.ts";

/** A value as it is written in a unit. */
export interface Sample {
  readonly value: string;
  /** The first systemd that understands it. */
  readonly since: number;
  /** The lines that it brings along, `NAME=value`. */
  readonly implies: readonly string[];
}

/** A systemd that knows every value. */
const NEWEST: Host = { systemd: 999, machine: "x86_64", user: () => undefined, directories: [], executables: [] };

/** Every sample of a directive, with the version of systemd that it needs and the lines that it brings along. */
export function samplesOf(directive: AnyDirective): readonly Sample[] {
  return directive.samples.map((text) => {
    const assignment = { value: text, file: "sample", line: 1 };
    const { values } = foldUnit(() => [assignment], NEWEST, [directive]);
    const value = values.get(directive.name);
    return {
      value: text,
      since: directive.valueSince?.(value) ?? directive.since,
      implies: directive.implies?.(value, NEWEST) ?? [],
    };
  });
}
