/**
 * The code that a unit's commands name: programs, the scripts that interpreters are given, the interpreters that scripts
 * name in their first line. Facts: execve(2), env(1), the manuals of the interpreters: the first file that they are given.
 */
import { commandsOf } from "./check.ts";
import { locateProgram, PROGRAM_DIRECTORIES } from "./places.ts";
import { expandSpecifiers } from "./specifier.ts";
import { assignments, sinceReset, specifiersOf, type Unit } from "./unit.ts";

/** What the machine knows about its files. */
export interface CodeFiles {
  readonly isFile: (path: string) => boolean;
  /** The first line, "" where there is none. */
  readonly firstLine: (path: string) => string;
}

/** What is known of a unit's code. */
export interface NamedCode {
  /** Paths, each once, in order. */
  readonly files: readonly string[];
  /** In words: code that runs but could not be named. The arguments are left out: reports show this, and they may hold secrets. */
  readonly unnamed: readonly string[];
}

const INTERPRETER =
  /^(perl|python|pypy|node|nodejs|ruby|php|php-cgi|bash|sh|dash|zsh|lua|luajit|java|deno|bun|tclsh|Rscript|guile|mono)-?[\d.]*$/;
/** Scripts run by scripts are followed as deep as the kernel does. */
const MOST_LEVELS = 5;

/**
 * The code of all Exec lines. A program given by a variable, or a module named without its path, is not found.
 *
 * @example
 * import { codeOf, parseServiceName, parseUnit } from "cloison";
 * import assert from "node:assert";
 * const file = parseUnit("[Service]\nWorkingDirectory=/srv/app\nExecStart=/usr/bin/perl -w app.pl\n", "app.service");
 * const name = parseServiceName("app.service");
 * assert.ok(file.ok && name.ok);
 * const files = ["/usr/bin/perl", "/srv/app/app.pl"];
 * const code = codeOf({ name: name.value, files: [file.value] }, { isFile: (path) => files.includes(path), firstLine: () => "" });
 * assert.deepEqual(code, { files, unnamed: [] });
 */
export function codeOf(unit: Unit, machine: CodeFiles): NamedCode {
  const context = specifiersOf(unit);
  const expand = (text: string): string => expandSpecifiers(text, context).text;
  const directory = sinceReset(assignments(unit, "Service", "WorkingDirectory")).at(-1)?.value ?? "/";
  const places: Places = { ...machine, directory: expand(directory).replace(/^-/, "") };
  const found = commandsOf(unit).commands.map(({ path, argv }) =>
    follow([path, ...argv.slice(1)].map(expand), places, MOST_LEVELS),
  );
  return {
    files: [...new Set(found.flatMap(({ files }) => files))],
    unnamed: [...new Set(found.flatMap(({ unnamed }) => unnamed))],
  };
}

type Places = CodeFiles & { readonly directory: string };

const nothing: NamedCode = { files: [], unnamed: [] };

function follow([program = "", ...given]: readonly string[], places: Places, levels: number): NamedCode {
  const path = locateProgram(program, PROGRAM_DIRECTORIES, places.isFile);
  if (path === undefined || levels === 0 || !places.isFile(path)) {
    return nothing;
  }
  const shebang = /^#![ \t]*(\S+)[ \t]*(.*?)\s*$/.exec(places.firstLine(path));
  if (shebang !== null) {
    const [, interpreter = "", option = ""] = shebang;
    const words = option === "" ? [] : option.split(/\s+/);
    return join({ files: [path], unnamed: [] }, follow([interpreter, ...words, path], places, levels - 1));
  }
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name === "env") {
    const start = given.findIndex((word) => !word.startsWith("-") && !word.includes("="));
    return join({ files: [path], unnamed: [] }, start < 0 ? nothing : follow(given.slice(start), places, levels - 1));
  }
  if (!INTERPRETER.test(name)) {
    return { files: [path], unnamed: [] };
  }
  const absolute = (word: string): string => (word.startsWith("/") ? word : `${places.directory}/${word}`);
  const scripts = given
    .filter((word) => !word.startsWith("-"))
    .map(absolute)
    .filter(places.isFile);
  const unnamed = scripts.length > 0 || given.length === 0 ? [] : [`what ${path} runs`];
  return { files: [path, ...scripts], unnamed };
}

function join(one: NamedCode, other: NamedCode): NamedCode {
  return { files: [...one.files, ...other.files], unnamed: [...one.unnamed, ...other.unnamed] };
}
