/** DelegateSubgroup=. Facts: systemd.resource-control(5). */
import { scalarDirective } from "../_scalar.ts";
import { type Directive, never } from "../directive.ts";

/** Names that the kernel's own files in a cgroup have, or that systemd reserves. */
const RESERVED =
  /^(?:[._]|(?:notify_on_release|release_agent|tasks)$|(?:cgroup|cpu|cpuacct|cpuset|io|blkio|memory|devices|pids)\.)/;

/** Where in its own part of the tree the service starts. */
export const delegateSubgroup: Directive<string> = scalarDirective<string>({
  name: "DelegateSubgroup",
  since: 254,
  group: "resources",
  summary: "Starts the service in a cgroup of this name below its own, so that it can make others beside it.",
  breaks: "Nothing.",
  requires: [],
  ineffective: ["It does nothing without Delegate=."],
  initial: "",
  parse: (text) => (text.includes("/") || RESERVED.test(text) ? undefined : text),
  show: (value) => value,
  meet: (a, b) => (b === "" ? a : b),
  samples: ["main"],
  expects: "the name of a cgroup",
  walls: () => [],
  ladder: never("Without Delegate= it does nothing, and that only gives."),
});
