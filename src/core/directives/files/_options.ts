/**
 * Words of the form `path:options` and `source:target:options`. Facts: systemd.exec(5) "BindPaths=", "TemporaryFileSystem="; that options
 * are not expanded: measured on 247 and 257.
 */
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { quoteValue } from "../../unit/print.ts";
import { splitWords } from "../../unit/words.ts";
import { simplifyPath } from "../_path.ts";
import { ignored, sameValue } from "../_scalar.ts";
import type { Directive, DirectiveAssignment } from "../directive.ts";

/** One word; `source` only for bind mounts. */
export interface MountEntry {
  readonly target: string;
  readonly source?: string;
  readonly optional: boolean;
  readonly options: readonly string[];
}

type Entries = readonly MountEntry[];

function parseBind(word: string): MountEntry | undefined {
  const optional = word.startsWith("-");
  const [from = "", to, options, ...rest] = (optional ? word.slice(1) : word).split(":");
  const source = simplifyPath(from);
  const target = simplifyPath(to === undefined || to === "" ? from : to);
  if (source === undefined || target === undefined || rest.length > 0) {
    return undefined;
  }
  return { target, source, optional, options: options === undefined ? [] : options.split(",") };
}

function parseTemporary(word: string): MountEntry | undefined {
  const [path = "", options] = word.split(":", 2);
  const target = simplifyPath(path);
  if (target === undefined) {
    return undefined;
  }
  return { target, optional: false, options: options === undefined || options === "" ? [] : options.split(",") };
}

/** Options go to the kernel as they are written: a specifier is not expanded in them, so a percent sign is not to be doubled. */
const PLAIN_OPTIONS = /^[\w=,.%+-]+$/;

function show({ target, source, optional, options }: MountEntry): string {
  const short = source === undefined || (source === target && options.length === 0);
  const place = [...(short ? [] : [source]), target].join(":");
  const given = options.length === 0 ? "" : `:${options.join(",")}`;
  const quoted = (text: string): string => {
    const word = quoteValue(`${optional ? "-" : ""}${text}`);
    return word.ok ? word.value : "";
  };
  const plain = PLAIN_OPTIONS.test(given.slice(1)) && !quoted(place).startsWith('"');
  return plain ? `${quoted(place)}${given}` : quoted(`${place}${given}`);
}

function fold(
  name: string,
  parse: typeof parseBind,
  assignments: readonly DirectiveAssignment[],
): { value: Entries; diagnostics: Diagnostic[] } {
  let value: Entries = [];
  const diagnostics: Diagnostic[] = [];
  for (const assignment of assignments) {
    const text = assignment.value.trim();
    if (text === "") {
      value = [];
    }
    for (const word of splitWords(text, "list").words) {
      const entry = parse(word);
      if (entry === undefined) {
        diagnostics.push(ignored(name, { ...assignment, value: word }, "an absolute path with its options"));
      } else {
        value = unite(value, [entry]);
      }
    }
  }
  return { value, diagnostics };
}

/** Each word once, by place. */
function unite(a: Entries, b: Entries): Entries {
  const entries = new Map([...a, ...b].map((entry) => [`${entry.target} ${JSON.stringify(entry)}`, entry]));
  return [...entries].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, entry]) => entry);
}

/** A line each: systemd counts every further blank between two places to bind as a place without a name, and complains. */
function print(value: Entries, below: Entries): readonly string[] {
  if (sameValue(value, below)) {
    return [];
  }
  const kept = below.every((entry) => value.some((other) => sameValue(entry, other)));
  const fresh = kept ? value.filter((entry) => !below.some((other) => sameValue(entry, other))) : value;
  if (value.length === 0) {
    return [""];
  }
  return [...(kept ? [] : [""]), ...fresh.map(show)];
}

/** How a list of such words is folded, written and joined: the unit's own places stay as they are. */
export function mountEntries(
  name: string,
  form: "bind" | "temporary",
): Pick<Directive<Entries>, "initial" | "fold" | "print" | "meet"> {
  const parse = form === "bind" ? parseBind : parseTemporary;
  return { initial: [], fold: (assignments) => fold(name, parse, assignments), print, meet: (a, b) => unite(a, b) };
}
