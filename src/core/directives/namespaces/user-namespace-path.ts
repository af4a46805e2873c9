/** UserNamespacePath=. Facts: systemd.exec(5) of systemd 259, user_namespaces(7). Read and judged; never proposed. */
import { setting } from "../../sandbox/origin.ts";
import type { Concern } from "../../sandbox/wall.ts";
import { placeDirective } from "../_place.ts";
import { type Directive, never } from "../directive.ts";

/** What the users of a namespace decide over: whose files those are, and over what a capability counts. */
const ABOUT: readonly Concern[] = ["path", "capability", "become", "namespace", "process", "ipc", "gain"];

/** A user namespace that somebody else has made. */
export const userNamespacePath: Directive<string> = placeDirective({
  name: "UserNamespacePath",
  since: 259,
  group: "namespaces",
  summary: "Puts the service into a user namespace that exists already.",
  breaks: "Services that need a capability on the host, or a user that the namespace does not map.",
  requires: ["user-namespaces"],
  ineffective: ["Whom it maps, and what it owns, is up to whoever made it.", "It stands in for PrivateUsers=."],
  samples: ["/proc/1/ns/user"],
  walls: (value) =>
    value === "" ? [] : [{ kind: "unmodelled", by: setting("UserNamespacePath", value), about: ABOUT, opens: true }],
  ladder: never("The namespace has to be made first; PrivateUsers= gives one that nobody shares."),
});
