/** Rules of SocketBindAllow= and SocketBindDeny=: `[ipv4:|ipv6:][tcp:|udp:]PORT[-PORT]` or `any`. Facts: systemd.resource-control(5). */
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { ignored, sameValue } from "../_scalar.ts";
import type { Directive, DirectiveAssignment } from "../directive.ts";

/** Rules in the one way to write them, sorted. */
export type PortList = readonly string[];

const FORM = /^(ipv4:|ipv6:)?(tcp:|udp:)?(\d{1,5}(?:-\d{1,5})?|any)?$/;

/** A rule in its normal form; undefined if it is malformed. */
function parse(text: string): string | undefined {
  const match = FORM.exec(
    text.endsWith(":")
      ? `${text}any`
      : text === "ipv4" || text === "ipv6" || text === "tcp" || text === "udp"
        ? `${text}:any`
        : text,
  );
  if (match === null || text === "") {
    return undefined;
  }
  const [, family = "", transport = "", ports = "any"] = match;
  if (ports === "any") {
    return `${family}${transport}any`;
  }
  const [first = 0, last = first] = ports.split("-").map(Number);
  if (first < 1 || last > 65535 || last < first) {
    return undefined;
  }
  return `${family}${transport}${first === last ? first : `${first}-${last}`}`;
}

function fold(
  name: string,
  assignments: readonly DirectiveAssignment[],
): { value: PortList; diagnostics: Diagnostic[] } {
  let value: PortList = [];
  const diagnostics: Diagnostic[] = [];
  for (const assignment of assignments) {
    const text = assignment.value.trim();
    const rule = parse(text);
    if (text === "") {
      value = [];
    } else if (rule === undefined) {
      diagnostics.push(ignored(name, assignment, "a port, a range of ports or any"));
    } else {
      value = unitePorts(value, [rule]);
    }
  }
  return { value, diagnostics };
}

/** All rules of both. */
export function unitePorts(a: PortList, b: PortList): PortList {
  return [...new Set([...a, ...b])].sort();
}

/** How such a list is folded and written: one rule a line. */
export function portList(name: string): Pick<Directive<PortList>, "initial" | "fold" | "print"> {
  return {
    initial: [],
    fold: (assignments) => fold(name, assignments),
    print: (value, below) => {
      if (sameValue(value, below)) {
        return [];
      }
      const grows = below.every((rule) => value.includes(rule));
      return grows ? value.filter((rule) => !below.includes(rule)) : ["", ...value];
    },
  };
}
