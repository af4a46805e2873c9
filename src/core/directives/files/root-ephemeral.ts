/** RootEphemeral=. Facts: systemd.exec(5). Read and judged; never proposed. */
import { booleanDirective } from "../_boolean.ts";
import { type Directive, never } from "../directive.ts";

/** What the service changes of its root is gone when it stops. */
export const rootEphemeral: Directive<boolean> = booleanDirective({
  name: "RootEphemeral",
  since: 254,
  group: "files",
  summary: "Runs the service on a copy of its RootDirectory= or RootImage=, which is thrown away when it stops.",
  breaks: "Services that keep what they write outside of StateDirectory= and its kin.",
  requires: [],
  ineffective: ["Without RootDirectory= or RootImage= it does nothing.", "While the service runs it stops nothing."],
  walls: () => [],
  ladder: never(
    "It needs another root, and throws away what is written outside of the directories that systemd gives.",
  ),
});
