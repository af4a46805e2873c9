/** Exec lines: prefixes, programs, arguments. Facts: systemd.service(5) "Command lines" and the table of prefixes. */
import type { Diagnostic, Parsed, Span } from "../diagnostic/diagnostic.ts";
import { controlCharacter, WHITE_SPACE } from "./characters.ts";
import { nextWord } from "./words.ts";

/** One command of an Exec line, specifiers and variables not expanded. */
export interface ExecCommand {
  /** The program as written: an absolute path, or a name that systemd looks up. */
  readonly path: string;
  /** argv, argv[0] included. */
  readonly argv: readonly string[];
  /** `-`: a failure counts as success. */
  readonly ignoreFailure: boolean;
  /** `:`: `$` has no meaning in the arguments. */
  readonly literalDollar: boolean;
  /** `+` full: no walls, runs as root; `!` no-identity: User= is not applied; `!!` ambient; no prefix: sandboxed. */
  readonly privilege: "sandboxed" | "full" | "no-identity" | "ambient";
  /** `|` (systemd 258): run through the user's log-in shell. */
  readonly shell: boolean;
  readonly span: Span;
}

interface Prefixes {
  ignoreFailure: boolean;
  literalDollar: boolean;
  ownArgv0: boolean;
  shell: boolean;
  privilege: ExecCommand["privilege"];
}

function takePrivilege(prefixes: Prefixes, letter: string): boolean {
  const { privilege } = prefixes;
  if (letter === "+" && privilege === "sandboxed") {
    prefixes.privilege = "full";
  } else if (letter === "!" && privilege === "sandboxed") {
    prefixes.privilege = "no-identity";
  } else if (letter === "!" && privilege === "no-identity") {
    prefixes.privilege = "ambient";
  } else {
    return false;
  }
  return true;
}

/** Strips the prefixes off a program's word; each counts once, a second one is part of the path. */
function takePrefixes(word: string): { prefixes: Prefixes; path: string } {
  const prefixes: Prefixes = {
    ignoreFailure: false,
    literalDollar: false,
    ownArgv0: false,
    shell: false,
    privilege: "sandboxed",
  };
  const switches = { "-": "ignoreFailure", ":": "literalDollar", "@": "ownArgv0", "|": "shell" } as const;
  let at = 0;
  for (; at < word.length; at++) {
    const letter = word.charAt(at);
    if (takePrivilege(prefixes, letter)) {
      continue;
    }
    const name = Object.hasOwn(switches, letter) ? switches[letter as keyof typeof switches] : undefined;
    if (name === undefined || prefixes[name]) {
      break;
    }
    prefixes[name] = true;
  }
  return { prefixes, path: word.slice(at) };
}

function isAlone(value: string, at: number, token: string): boolean {
  const next = at + token.length;
  return value.startsWith(token, at) && (next >= value.length || WHITE_SPACE.includes(value.charAt(next)));
}

/** Reads the words of a command from `start` up to a lone `;` or the end. */
function readArguments(value: string, start: number): { words: readonly string[]; next: number; problem?: string } {
  const words: string[] = [];
  let at = start;
  while (at < value.length) {
    if (WHITE_SPACE.includes(value.charAt(at))) {
      at++;
    } else if (isAlone(value, at, ";")) {
      return { words, next: at + 1 };
    } else if (isAlone(value, at, "\\;")) {
      words.push(";");
      at += 2;
    } else {
      const read = nextWord(value, at, "command");
      if (read.word === undefined) {
        return { words, next: value.length, problem: read.problem ?? "no word" };
      }
      words.push(read.word);
      at = read.next;
    }
  }
  return { words, next: value.length };
}

function pathProblem(path: string): string | undefined {
  if (path === "") {
    return "no program is named";
  }
  if (controlCharacter(path) !== undefined || /["'\\]/.test(path)) {
    return "the program's name contains special characters";
  }
  if (path.endsWith("/")) {
    return "the program is a directory";
  }
  if (!path.startsWith("/") && path.includes("/")) {
    return "the program is neither an absolute path nor a name";
  }
  return undefined;
}

function makeCommand(words: readonly string[], span: Span): ExecCommand | string {
  const [first = "", ...rest] = words;
  const { prefixes, path } = takePrefixes(first);
  const problem = pathProblem(path);
  if (problem !== undefined) {
    return problem;
  }
  const argv = prefixes.ownArgv0 ? rest : [path, ...rest];
  if (argv.length === 0) {
    return "the prefix @ needs a second word after the program, for its argv[0]";
  }
  const { ignoreFailure, literalDollar, privilege, shell } = prefixes;
  return { path: path.replace(/\/{2,}/g, "/"), argv, ignoreFailure, literalDollar, privilege, shell, span };
}

/**
 * The commands of the value of one Exec line: several when separated by a lone `;`, none for a reset.
 * A line that systemd ignores (unbalanced quotes, a relative path …) is a warning; the commands before it are kept.
 *
 * @example
 * import { parseExec } from "cloison";
 * import assert from "node:assert";
 * const parsed = parseExec(`-/bin/echo "a b" ; +/bin/true`, { file: "a.service", line: 2, column: 1 });
 * assert.ok(parsed.ok);
 * assert.deepEqual(parsed.value.map((command) => [command.argv, command.privilege]), [
 *   [["/bin/echo", "a b"], "sandboxed"],
 *   [["/bin/true"], "full"],
 * ]);
 */
export function parseExec(value: string, span: Span): Parsed<readonly ExecCommand[]> {
  const commands: ExecCommand[] = [];
  const diagnostics: Diagnostic[] = [];
  for (let at = 0; at < value.length; ) {
    const read = readArguments(value, at);
    at = read.next;
    if (read.words.length === 0 && read.problem === undefined) {
      continue;
    }
    const made = read.problem === undefined ? makeCommand(read.words, span) : read.problem.replaceAll("-", " ");
    if (typeof made === "string") {
      const message = `${made}: systemd ignores this command`;
      diagnostics.push({ code: "unit-bad-command", severity: "warning", message, span });
      break;
    }
    commands.push(made);
  }
  return { ok: true, value: commands, diagnostics };
}
