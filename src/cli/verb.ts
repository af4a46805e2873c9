/** What a verb of the command line is: plain data and one function. main.ts prints what it returns. */

/** What a word of a command line can be, for shells that complete it. */
export type WordKind = "unit" | "file" | "directory" | { readonly words: readonly string[] };

/** The schema of a JSON document, as in its field `schema`; docs/schema has one file for each. */
export type SchemaName = `cloison.${string}/${number}`;

/** An option, declared once: parsing, help, manual and completions read it. */
export interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
  /** A letter that does as well: `-h`. */
  readonly short?: string;
  /** Whether it may stand without a value, `--own-user`: then its value is "". One that has a value is written with `=`. */
  readonly bare?: boolean;
  /** What stands for the value in the help text, e.g. `CMD`; from it, too, shells know what to complete (completion/tree.ts). */
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

/** A document that a program reads. */
export interface PrintedJson {
  readonly schema: string;
  readonly [field: string]: unknown;
}

/** What a verb did. `json` is printed with --json, `text` otherwise; its schema is one of those that the verb names. */
export interface VerbOutcome {
  readonly status: ExitStatus;
  readonly text: string;
  readonly json: PrintedJson;
  /** Said on stderr, one line each. */
  readonly notes?: readonly string[];
  /** Written on stdout as they are, in place of `text`. */
  readonly bytes?: Uint8Array;
}

/** What a verb is given. `say` reports progress, one step in words; `tell` prints a line of a story as it unfolds. */
export interface Context {
  /** Cloison's own version. */
  readonly version: string;
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
  readonly operands: {
    readonly min: number;
    readonly max: number;
    readonly completes: readonly WordKind[];
  };
  /** What --json prints. */
  readonly schemas: readonly SchemaName[];
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
