/**
 * BindLogSockets=. Facts: systemd.exec(5); what brings it along: systemd's execute.c; the sockets: its namespace.c, where a journal
 * of the unit's own comes first (LogNamespace=).
 */
import { setting } from "../../sandbox/origin.ts";
import { choiceDirective } from "../_choice.ts";
import { mountWall } from "../_mount.ts";
import { type Directive, never, type UnitFacts } from "../directive.ts";
import { logNamespace } from "../namespaces/log-namespace.ts";
import { mountApiVfs } from "./mount-api-vfs.ts";
import { rootDirectory } from "./root-directory.ts";
import { rootImage } from "./root-image.ts";
import { rootMStack } from "./root-m-stack.ts";

type Value = "yes" | "" | "no";

/** Mounted read-only, which makes no difference to a socket. */
const SOCKETS = ["dev-log", "socket", "stdout"].map((name) => `/run/systemd/journal/${name}`);

/** With another root MountAPIVFS= is yes unless the unit says no. */
function showsApi(facts: UnitFacts): boolean {
  const shown = facts.valueOf(mountApiVfs);
  const another = [rootDirectory, rootImage, rootMStack].some((root) => facts.valueOf(root) !== "");
  return shown === "yes" || (shown === "" && another);
}

/** The way to the journal, also behind another root. */
export const bindLogSockets: Directive<Value> = choiceDirective<Value>({
  name: "BindLogSockets",
  since: 257,
  group: "files",
  summary: "Shows the journal's sockets to the service, also behind RootDirectory= or RootImage=.",
  breaks: "Nothing; with no, services behind another root lose their log.",
  implies: (value) => (value === "yes" ? ["PrivateMounts=yes"] : []),
  requires: [],
  ineffective: ["Without another root the sockets are there anyway."],
  values: ["yes", "", "no"],
  initial: "",
  walls: (value, facts) =>
    facts.valueOf(logNamespace) === "" && (value === "yes" || (value === "" && showsApi(facts)))
      ? SOCKETS.map((path) =>
          mountWall(setting("BindLogSockets", "yes"), `-${path}`, { kind: "bind", source: path, readOnly: false }),
        )
      : [],
  ladder: never("It only grants access, and closes nothing."),
});
