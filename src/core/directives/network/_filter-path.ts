/** Programs of the administrator's own that filter the service's packets. Facts: systemd.resource-control(5). */
import { plainPath } from "../../kernel/path.ts";
import { type Lines, linesMayRefuse, linesOf, oneItem } from "../_lines.ts";
import type { Directive } from "../directive.ts";

/** An absolute path, normalised; undefined for anything else. */
export function absolutePath(text: string): string | undefined {
  return text.startsWith("/") && !text.split("/").includes("..") ? plainPath(text) : undefined;
}

/** One path in a BPF file system a line. */
export function filterPath(own: Pick<Directive<Lines>, "name" | "summary" | "ladder">): Directive<Lines> {
  return {
    name: own.name,
    since: 243,
    group: "network",
    summary: own.summary,
    breaks: "Whatever the program drops; where the program is missing, the service does not start.",
    requires: ["address-filter"],
    ineffective: [],
    ...linesOf(own.name, { read: oneItem(absolutePath), expects: "an absolute path" }),
    // A program would have to be pinned for a unit with one to start (measured on systemd 257).
    samples: [""],
    ladder: own.ladder,
    walls: (value) => linesMayRefuse(own.name, value, "packet"),
  };
}
