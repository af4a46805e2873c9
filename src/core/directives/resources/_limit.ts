/** Limits of a process. Facts: systemd.exec(5) "LimitCPU=", setrlimit(2); how values are read: rlimit_parse() of systemd 257. */
import { type Described, scalarDirective } from "../_scalar.ts";
import type { Directive } from "../directive.ts";
import { type Amount, lesser, parseCount, parseSize } from "./_amount.ts";

/** The soft limit, which holds, and the hard one, to which a process may raise it. */
interface Limit {
  readonly soft: Amount;
  readonly hard: Amount;
}

/** Both limits of a value; undefined when unset, which leaves the manager's own. */
export function limitOf(value: string): Limit | undefined {
  const [soft = "", hard = soft] = value.split(":");
  return soft === "" ? undefined : { soft, hard };
}

function show({ soft, hard }: Limit): string {
  return soft === hard ? soft : `${soft}:${hard}`;
}

function parse(text: string, read: (word: string) => Amount | undefined): string | undefined {
  const [first = "", second = first, ...rest] = text.split(":");
  const [soft, hard] = [read(first), read(second)];
  const good = soft !== undefined && hard !== undefined && rest.length === 0 && lesser(soft, hard) === soft;
  return good ? show({ soft, hard }) : undefined;
}

/** One limit, which nothing unsets (an empty line is a bad one, measured on systemd 257), in bytes or as a number; `walls` only where an attack can tell. */
export function limitDirective(
  own: Omit<Described<string>, "walls" | "group" | "since" | "requires" | "ineffective"> & {
    readonly unit: "bytes" | "number";
    readonly samples: readonly string[];
    readonly walls?: Directive<string>["walls"];
    readonly requires?: Directive<string>["requires"];
    readonly ineffective?: readonly string[];
  },
): Directive<string> {
  const { unit, ...described } = own;
  const read = unit === "bytes" ? parseSize : parseCount;
  return scalarDirective<string>({
    walls: () => [],
    requires: [],
    ...described,
    ineffective: [
      ...(own.ineffective ?? []),
      "A manager without CAP_SYS_RESOURCE, as in many containers, gives no more than it has itself, without a word.",
    ],
    since: 1,
    group: "resources",
    initial: "",
    parse: (text) => parse(text, read),
    show: (value) => value,
    meet: (a, b) => {
      const [first, second] = [limitOf(a), limitOf(b)];
      if (first === undefined || second === undefined) {
        return b || a;
      }
      return show({ soft: lesser(first.soft, second.soft), hard: lesser(first.hard, second.hard) });
    },
    expects: "a limit, SOFT:HARD or infinity",
  });
}
