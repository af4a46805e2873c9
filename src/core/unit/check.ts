/** What a unit must be before it can be hardened. Facts: systemd.service(5); the refusals are systemd's own, measured on 257. */
import { type Diagnostic, type Parsed, refusal, type Span } from "../diagnostic/diagnostic.ts";
import { type ExecCommand, parseExec } from "./exec.ts";
import { parse } from "./parse.ts";
import { assignments, lastOf, sinceReset, type Unit } from "./unit.ts";
import type { UnitFile } from "./unit-file.ts";

/** The keys of [Service] that hold command lines, in the order in which they run. */
export const EXEC_KEYS = [
  "ExecCondition",
  "ExecStartPre",
  "ExecStart",
  "ExecStartPost",
  "ExecReload",
  "ExecStop",
  "ExecStopPost",
] as const;

/** A key whose value is a command line. */
export type ExecKey = (typeof EXEC_KEYS)[number];

/** A command and the key that it was given to. */
export interface KeyedCommand extends ExecCommand {
  readonly key: ExecKey;
}

/** The commands of a service that can be read, and diagnostics on those that systemd would ignore. */
export interface Commands {
  readonly commands: readonly KeyedCommand[];
  readonly diagnostics: readonly Diagnostic[];
}

/** All commands of a service in the order of EXEC_KEYS, resets applied; specifiers and variables not expanded. */
export function commandsOf(unit: Unit): Commands {
  const commands: KeyedCommand[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const key of EXEC_KEYS) {
    for (const assignment of sinceReset(assignments(unit, "Service", key))) {
      const { file, line, column } = assignment;
      const parsed = parseExec(assignment.value, { file, line, column });
      diagnostics.push(...parsed.diagnostics);
      if (parsed.ok) {
        commands.push(...parsed.value.map((command) => ({ ...command, key })));
      }
    }
  }
  return { commands, diagnostics };
}

/**
 * Parses a unit file that a person named: what systemd would skip with a warning is an error here, since to harden the
 * rest is not what they meant. Unknown sections stay warnings.
 */
export function parseStrictly(text: string, file: string): Parsed<UnitFile> {
  const span: Span = { file, line: 1, column: 1 };
  if (!file.endsWith(".service")) {
    const message = `${file} is not a service unit`;
    const help = "name a file that ends in .service";
    return refusal("unit-not-service", message, help);
  }
  if (text.includes("\ufffd")) {
    // A decoder's replacement for bytes that are not UTF-8; nobody writes it into a unit.
    const line = text.slice(0, text.indexOf("\ufffd")).split("\n").length;
    const message = "bytes that are not UTF-8";
    return refusal("unit-not-text", message, "convert the file to UTF-8", { ...span, line });
  }
  const parsed = parse(text, file);
  if (!parsed.ok) {
    return parsed;
  }
  if (!parsed.value.entries.some((entry) => entry.kind === "assignment")) {
    const empty: Diagnostic = {
      code: "unit-empty",
      severity: "error",
      message: "the unit file sets nothing",
      span,
      help: "a service needs at least [Service] and ExecStart=",
    };
    return { ok: false, diagnostics: [...parsed.diagnostics.map(asError), empty] };
  }
  const diagnostics = parsed.diagnostics.map(asError);
  return diagnostics.some((each) => each.severity === "error")
    ? { ok: false, diagnostics }
    : { ok: true, value: parsed.value, diagnostics };
}

function asError(diagnostic: Diagnostic): Diagnostic {
  return diagnostic.code === "unit-unknown-section" ? diagnostic : { ...diagnostic, severity: "error" };
}

/** The service's type as systemd decides it when Type= is not given. */
export function serviceType(unit: Unit): string {
  const type = lastOf(unit, "Service", "Type")?.value ?? "";
  if (type !== "") {
    return type;
  }
  if ((lastOf(unit, "Service", "BusName")?.value ?? "") !== "") {
    return "dbus";
  }
  return assignments(unit, "Service", "ExecStart").some((each) => each.value !== "") ? "simple" : "oneshot";
}

/** How the main command of a service is started: the last of ExecStart=. */
export function mainPrivilege(unit: Unit): ExecCommand["privilege"] {
  return commandsOf(unit).commands.findLast(({ key }) => key === "ExecStart")?.privilege ?? "sandboxed";
}

/**
 * Why systemd would refuse to start the unit; empty if it would start. Commands that systemd ignores are warnings.
 *
 * @example
 * import { checkService, parseServiceName, parseUnit } from "cloison";
 * import assert from "node:assert";
 * const file = parseUnit("[Service]\nType=simple\n", "app.service");
 * const name = parseServiceName("app.service");
 * assert.ok(file.ok && name.ok);
 * assert.equal(checkService({ name: name.value, files: [file.value] })[0]?.code, "unit-no-exec-start");
 */
export function checkService(unit: Unit): readonly Diagnostic[] {
  const { commands, diagnostics } = commandsOf(unit);
  const has = (key: ExecKey): number => commands.filter((command) => command.key === key).length;
  const span = { file: unit.files[0]?.path ?? unit.name.name, line: 1, column: 1 };
  const refused = (code: string, message: string, help: string): readonly Diagnostic[] => [
    ...diagnostics,
    { code, severity: "error", message, span, help },
  ];
  const oneshot = serviceType(unit) === "oneshot";
  if (has("ExecStart") === 0 && !(oneshot && has("ExecStop") > 0)) {
    return refused(
      "unit-no-exec-start",
      `${unit.name.name} has no ExecStart=`,
      "give the command that the service runs",
    );
  }
  if (has("ExecStart") > 1 && !oneshot) {
    const message = `${unit.name.name} has more than one ExecStart=`;
    return refused("unit-many-exec-start", message, "only Type=oneshot may; ExecStart= alone on a line resets it");
  }
  if (serviceType(unit) === "dbus" && (lastOf(unit, "Service", "BusName")?.value ?? "") === "") {
    return refused("unit-no-bus-name", `${unit.name.name} has Type=dbus but no BusName=`, "add BusName=");
  }
  return diagnostics;
}
