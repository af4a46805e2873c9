/** RootMStack=. Facts: systemd.exec(5) of systemd 260. Read and judged; never proposed. */
import { setting } from "../../sandbox/origin.ts";
import { apiOfAnotherRoot } from "../_another-root.ts";
import { placeDirective } from "../_place.ts";
import { type Directive, never } from "../directive.ts";

/** What the service sees is in a file that the model does not open. */
export const rootMStack: Directive<string> = placeDirective({
  name: "RootMStack",
  since: 260,
  group: "files",
  evenPrivileged: true,
  fatal: true,
  summary: "Makes several images and directories, laid over each other, the service's root.",
  breaks: "Whatever it lacks: libraries, certificates, /etc/resolv.conf, the users of /etc/passwd.",
  implies: (value) => (value === "" ? [] : ["MountAPIVFS=yes", "PrivateMounts=yes"]),
  requires: [],
  ineffective: ["What BindPaths= shows in it is the machine's."],
  samples: ["/srv/root-m-stack"],
  walls: (value, facts) => {
    const by = setting("RootMStack", value);
    return value === ""
      ? []
      : [{ kind: "unmodelled", by, about: ["path"], opens: true }, ...apiOfAnotherRoot(by, facts)];
  },
  ladder: never("Another root has to be built first, and to be kept up to date beside the system."),
});
