/** RootDirectoryStartOnly=. Facts: systemd.service(5). Read and judged; never proposed. */
import { booleanDirective } from "../_boolean.ts";
import { type Directive, never } from "../directive.ts";

/** The main process alone is behind the wall. */
export const rootDirectoryStartOnly: Directive<boolean> = booleanDirective({
  name: "RootDirectoryStartOnly",
  since: 1,
  group: "namespaces",
  summary: "Keeps RootDirectory= and RootImage= from all commands but those of ExecStart=.",
  breaks: "Nothing; it takes a wall away from the commands around the service.",
  requires: [],
  ineffective: [
    "Without RootDirectory= or RootImage= it does nothing.",
    "What it does, it does to commands beside the service, not to the service.",
  ],
  walls: () => [],
  ladder: never("It only takes walls away."),
});
