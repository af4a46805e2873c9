/** The identity directives of a unit together. Facts: systemd.exec(5). */
import type { IdentityWords } from "./_identity.ts";
import type { UnitFacts } from "./directive.ts";
import { dynamicUser } from "./identity/dynamic-user.ts";
import { group } from "./identity/group.ts";
import { supplementaryGroups } from "./identity/supplementary-groups.ts";
import { user } from "./identity/user.ts";

/** Their words, as folded. */
export function identityWords(read: UnitFacts["valueOf"]): IdentityWords {
  return {
    user: read(user),
    group: read(group),
    supplementary: read(supplementaryGroups),
    dynamic: read(dynamicUser),
  };
}
