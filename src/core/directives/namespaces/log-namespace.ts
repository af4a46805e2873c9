/**
 * LogNamespace=. Facts: systemd.exec(5), systemd-journald.service(8); the mount: systemd's namespace.c. Read and judged;
 * never proposed.
 */
import { setting } from "../../sandbox/origin.ts";
import { mountWall } from "../_mount.ts";
import { scalarDirective } from "../_scalar.ts";
import { type Directive, never } from "../directive.ts";

/** A journal of its own. */
export const logNamespace: Directive<string> = scalarDirective({
  name: "LogNamespace",
  since: 245,
  group: "namespaces",
  summary: "Sends the service's log to a journal of its own, kept by another instance of the log daemon.",
  breaks: "Whoever looks for its messages in the machine's journal, and services that read that journal's sockets.",
  implies: (value) => (value === "" ? [] : ["PrivateMounts=yes"]),
  requires: [],
  ineffective: ["Whoever may write to the journal's files in /run/log or /var/log reaches the others all the same."],
  initial: "",
  parse: (text) => (/^[\w:.\\-]*$/.test(text) ? text : undefined),
  show: (value) => value,
  meet: (a, b) => (b === "" ? a : b),
  expects: "the name of a journal",
  samples: ["app"],
  walls: (value) =>
    value === ""
      ? []
      : [
          mountWall(setting("LogNamespace", value), "/run/systemd/journal", {
            kind: "bind",
            source: `/run/systemd/journal.${value}`,
            readOnly: true,
          }),
        ],
  ladder: never(
    "Messages would be missing in the machine's journal, where administrators and log watchers look for them.",
  ),
});
