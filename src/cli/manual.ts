/** The manual page cloison(1), made from the verbs. Its sections are those of man-pages(7). */
import { optionsOf } from "./arguments.ts";
import { optionHelp, optionText, purpose, STATUSES } from "./help.ts";
import { line, request } from "./roff.ts";
import type { Verb, VerbGroup } from "./verb.ts";

/** What the page says of itself. */
export interface Edition {
  readonly version: string;
  /** YYYY-MM-DD; empty: no date. */
  readonly date: string;
}

const ABOUT: readonly string[] = [
  purpose,
  "Nothing touches the machine before cloison apply: the service, its workload and the attacks run under a private systemd " +
    "that boots on a throw-away view of the machine.",
  "Results go to standard output, progress to standard error. Each verb has --json, which prints the result as a document " +
    "of the schema that is named, and --help or -h.",
];

function paragraph(text: string): readonly string[] {
  return [request("PP"), line(text)];
}

/** A term with what is said of it. */
function entry(term: string, text: string): readonly string[] {
  return [request("TP"), request("B", term), line(text)];
}

function verbSection(verb: Verb, above: string): readonly string[] {
  const options = Object.entries(optionsOf(verb)).filter(([name]) => name !== "help");
  return [
    request("SS", `cloison ${above}${verb.name} ${verb.usage}`),
    line(verb.summary),
    ...options.flatMap(([name, spec]) =>
      entry(optionText(name, spec), name === "json" ? `${spec.help}: ${verb.schemas.join(" or ")}` : optionHelp(spec)),
    ),
    ...paragraph("Examples:"),
    request("PP"),
    request("EX"),
    ...verb.examples.map(line),
    request("EE"),
  ];
}

/** The page, as roff. */
export function manual(verbs: readonly (Verb | VerbGroup)[], { version, date }: Edition): string {
  const sections = verbs.flatMap((each) =>
    "verbs" in each ? each.verbs.flatMap((verb) => verbSection(verb, `${each.name} `)) : verbSection(each, ""),
  );
  return [
    request("TH", "CLOISON", "1", date, `cloison ${version}`, "User Commands"),
    request("SH", "NAME"),
    line("cloison - walls around systemd services: shown, built and proved"),
    request("SH", "SYNOPSIS"),
    request("B", "cloison"),
    line("VERB [options] TARGET"),
    request("SH", "DESCRIPTION"),
    line(ABOUT[0] ?? ""),
    ...ABOUT.slice(1).flatMap(paragraph),
    request("SH", "VERBS"),
    ...sections,
    request("SH", "EXIT STATUS"),
    ...STATUSES.flatMap(([status, meaning]) => entry(`${status}`, meaning)),
    request("SH", "ENVIRONMENT"),
    ...entry("NO_COLOR", "Set to anything, it turns colours off."),
    request("SH", "SEE ALSO"),
    line("systemd.exec(5), systemd-analyze(1), seccomp(2), namespaces(7), capabilities(7)"),
    "",
  ].join("\n");
}
