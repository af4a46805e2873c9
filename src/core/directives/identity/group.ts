/** Group=. Facts: systemd.exec(5). */
import { setting } from "../../sandbox/origin.ts";
import { nameDirective } from "../_name.ts";
import { type Directive, never } from "../directive.ts";
import { dynamicUser } from "./dynamic-user.ts";
import { user } from "./user.ts";

/** The service's main group, where it is not its user's. */
export const group: Directive<string> = nameDirective({
  name: "Group",
  since: 1,
  group: "identity",
  summary: "Runs the service with this group instead of its user's own.",
  breaks: "Services whose files are open to another group.",
  requires: [],
  ineffective: ["Root does not need a group to open a file."],
  samples: ["nogroup"],
  walls: (value, facts) =>
    value === "" || facts.valueOf(user) !== "" || facts.valueOf(dynamicUser)
      ? []
      : [{ kind: "identity", by: setting("Group", value), uid: facts.uid, gid: facts.gid, groups: facts.groups }],
  ladder: never(
    "Files that the service owns would belong to somebody else: only harden --own-user changes the user, in a drop-in of its own.",
  ),
});
