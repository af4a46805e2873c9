/** RootImage=. Facts: systemd.exec(5). Read and judged; never proposed. */
import { setting } from "../../sandbox/origin.ts";
import { apiOfAnotherRoot } from "../_another-root.ts";
import { placeDirective } from "../_place.ts";
import { type Directive, never } from "../directive.ts";

/** What the service sees is in a file that the model does not open. */
export const rootImage: Directive<string> = placeDirective({
  name: "RootImage",
  since: 233,
  group: "files",
  evenPrivileged: true,
  fatal: true,
  summary: "Makes the file system in an image the service's root: it sees nothing else of the machine's.",
  breaks: "Whatever it lacks: libraries, certificates, /etc/resolv.conf, the users of /etc/passwd.",
  implies: (value) => (value === "" ? [] : ["MountAPIVFS=yes", "PrivateMounts=yes"]),
  weight: 200,
  requires: [],
  ineffective: ["What BindPaths= shows in it is the machine's."],
  samples: ["/srv/root-image"],
  walls: (value, facts) => {
    const by = setting("RootImage", value);
    return value === ""
      ? []
      : [{ kind: "unmodelled", by, about: ["path"], opens: true }, ...apiOfAnotherRoot(by, facts)];
  },
  ladder: never("Another root has to be built first, and to be kept up to date beside the system."),
});
