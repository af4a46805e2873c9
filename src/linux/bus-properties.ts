/**
 * Typed properties of a unit, as the manager exports them on the bus: busctl(1) prints each as a line of JSON, which keeps a
 * newline or a brace in an argument unambiguous. Names and types: org.freedesktop.systemd1(5); how a unit's name becomes an
 * object path: bus_label_escape() in systemd's bus-label.c.
 */
import { describeFailure, type RunCommand } from "./spawn.ts";
import { SystemError } from "./system-error.ts";

/** One command of an Exec line. */
export interface BusCommand {
  readonly path: string;
  readonly argv: readonly string[];
  /** What its prefixes mean: `ignore-failure`, `privileged` … */
  readonly flags: readonly string[];
}

/** A name as part of an object path: everything but letters and digits becomes `_` and two hexadecimal digits. */
export function busLabel(name: string): string {
  if (name === "") {
    return "_";
  }
  return [...Buffer.from(name, "utf8")]
    .map((byte, index) => {
      const character = String.fromCharCode(byte);
      const plain = index === 0 ? /[A-Za-z]/ : /[A-Za-z0-9]/;
      return plain.test(character) ? character : `_${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}

/** The data of a property of the given signature; undefined if this manager does not know the property. */
async function property(
  run: RunCommand,
  unit: string,
  [of, name, signature]: readonly [string, string, string],
): Promise<unknown> {
  const object = `/org/freedesktop/systemd1/unit/${busLabel(unit)}`;
  const to = ["org.freedesktop.systemd1", object, `org.freedesktop.systemd1.${of}`, name];
  const result = await run(["busctl", "--system", "--json=short", "get-property", ...to], { timeoutMs: 30_000 });
  if (result.status !== 0) {
    if (/Unknown property/i.test(result.stderr)) {
      return undefined;
    }
    throw new SystemError("ask systemd about", { path: unit, reason: describeFailure(result) });
  }
  const answer = parsed(result.stdout);
  if (
    typeof answer === "object" &&
    answer !== null &&
    "type" in answer &&
    "data" in answer &&
    answer.type === signature
  ) {
    return answer.data;
  }
  throw new SystemError("ask systemd about", { path: unit, reason: `${name} is not of the type ${signature}` });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isStrings(data: unknown): data is readonly string[] {
  return Array.isArray(data) && data.every((each) => typeof each === "string");
}

function isCommand(data: unknown): data is readonly [string, readonly string[], readonly string[]] {
  return Array.isArray(data) && typeof data[0] === "string" && isStrings(data[1]) && isStrings(data[2]);
}

/** A box's report about its units is no more trustworthy than the box itself: any unexpected shape is refused. */
function shaped<T>(data: unknown, unit: string, fits: (data: unknown) => data is T): T {
  if (fits(data)) {
    return data;
  }
  throw new SystemError("ask systemd about", {
    path: unit,
    reason: "its answer is malformed",
  });
}

/** The commands of ExecStart= in their order. */
export async function execStartOf(run: RunCommand, unit: string): Promise<readonly BusCommand[]> {
  const data = (await property(run, unit, ["Service", "ExecStartEx", "a(sasasttttuii)"])) ?? [];
  const areCommands = (each: unknown) => Array.isArray(each) && each.every(isCommand);
  const commands = shaped(data, unit, (each): each is readonly Parameters<typeof commandOf>[0][] => areCommands(each));
  return commands.map(commandOf);
}

function commandOf([path, argv, flags]: readonly [string, readonly string[], readonly string[]]): BusCommand {
  return { path, argv, flags };
}

/** The directories of ExecSearchPath=, none where it is not set or not known. */
export async function execSearchPathOf(run: RunCommand, unit: string): Promise<readonly string[]> {
  return shaped((await property(run, unit, ["Service", "ExecSearchPath", "as"])) ?? [], unit, isStrings);
}

/** The unit's own file; undefined if it has none. */
export async function fragmentOf(run: RunCommand, unit: string): Promise<string | undefined> {
  const data = (await property(run, unit, ["Unit", "FragmentPath", "s"])) ?? "";
  const path = shaped(data, unit, (each): each is string => typeof each === "string");
  return path === "" ? undefined : path;
}
