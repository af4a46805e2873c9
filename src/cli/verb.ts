/** What a verb of the command line is: plain data and one function. main.ts prints what it returns. */

/** An option, declared once: parsing and help read it. */
export interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
  /** What stands for the value in the help text, e.g. `CMD`. */
  readonly value?: string;
  readonly help: string;
  readonly choices?: readonly string[];
}

/** The words of a command line after parsing. Every option that was given has at least one value. */
export interface Arguments {
  readonly operands: readonly string[];
  readonly flag: (name: string) => boolean;
  readonly one: (name: string) => string | undefined;
  readonly many: (name: string) => readonly string[];
  /** The words after `--`, of a verb that takes a command; undefined if there is none. */
  readonly command: readonly string[] | undefined;
}

/** Exit statuses: 0 it holds · 1 findings · 2 bad input · 3 could not be decided or done. */
export type ExitStatus = 0 | 1 | 2 | 3;

/** What a verb did. `json` is printed with --json, `text` otherwise. */
export interface VerbOutcome {
  readonly status: ExitStatus;
  readonly text: string;
  readonly json?: unknown;
  /** Said on stderr, one line each. */
  readonly notes?: readonly string[];
  /** Written on stdout as they are, in place of `text`. */
  readonly bytes?: Uint8Array;
}

/** What a verb is given. `say` reports progress, one step in words; `tell` prints a line of a story as it unfolds. */
export interface Context {
  readonly arguments: Arguments;
  readonly say: (step: string) => void;
  readonly tell: (line: string) => void;
  readonly colour: boolean;
}

/** One verb. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  /** After `cloison VERB`. */
  readonly usage: string;
  readonly operands: { readonly min: number; readonly max: number };
  /** Whether words after `--` are a command to run. */
  readonly command?: boolean;
  readonly options: { readonly [name: string]: OptionSpec };
  readonly examples: readonly string[];
  /** Does it. Throws an InputError for what the user gave, a SystemError for what the machine does not do. */
  readonly run: (context: Context) => Promise<VerbOutcome>;
}

/** Verbs under one word: `cloison seccomp compile`. */
export interface VerbGroup {
  readonly name: string;
  readonly summary: string;
  readonly verbs: readonly Verb[];
}
