/**
 * Directives of one value: the last good assignment wins, a bad one is ignored with a warning.
 * Facts: systemd.syntax(7); how systemd 257 treats bad and empty values, measured.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Abi } from "../kernel/syscalls/syscall.ts";
import type { Directive, DirectiveAssignment, UnitFacts } from "./directive.ts";

/** What a directive's file says of it; how its text is read, joined and written comes from its shape. */
export type Described<V> = Omit<Directive<V>, "initial" | "fold" | "print" | "meet" | "samples">;

/** How the text of one value is read and written. */
export interface ScalarShape<V> {
  readonly initial: V;
  /** The value of a right-hand side; undefined when systemd would ignore it. */
  readonly parse: (text: string, facts: UnitFacts) => V | undefined;
  readonly show: (value: V, machine: Abi) => string;
  readonly meet: (a: V, b: V) => V;
  readonly samples: readonly string[];
  /** What may be written, for the message about what may not. */
  readonly expects: string;
  /** Whether systemd refuses the whole unit for a bad value instead of ignoring the line. */
  readonly fatal?: boolean;
}

/** The warning about an assignment that systemd ignores. */
export function ignored(name: string, assignment: DirectiveAssignment, expects: string): Diagnostic {
  return {
    code: "directive-bad-value",
    severity: "warning",
    message: `${name}= is ignored by systemd here: ${JSON.stringify(assignment.value)} is not ${expects}`,
    span: { file: assignment.file, line: assignment.line, column: 1 },
    help: `write ${expects}, or take the line away`,
  };
}

/** The error about an assignment for which systemd will not start the unit. */
export function refused(name: string, assignment: DirectiveAssignment, expects: string): Diagnostic {
  const message = `systemd refuses the unit: ${name}=${JSON.stringify(assignment.value)} is not ${expects}`;
  return { ...ignored(name, assignment, expects), code: "directive-fatal", severity: "error", message };
}

/** Whether two folded values are the same; they are plain data. */
export function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A directive of one value. */
export function scalarDirective<V>(own: Described<V> & ScalarShape<V>): Directive<V> {
  const { parse, show, expects, fatal = false, ...described } = own;
  return {
    ...described,
    fold: (assignments, facts) => {
      let value = own.initial;
      const diagnostics: Diagnostic[] = [];
      for (const assignment of assignments) {
        const parsed = parse(assignment.value.trim(), facts);
        if (parsed === undefined) {
          diagnostics.push((fatal ? refused : ignored)(own.name, assignment, expects));
        } else {
          value = parsed;
        }
      }
      return { value, diagnostics };
    },
    print: (value, below, machine) => (sameValue(value, below) ? [] : [show(value, machine)]),
  };
}
