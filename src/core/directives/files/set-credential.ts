/** SetCredential=. Facts: systemd.exec(5), systemd-creds(1). Read and judged; never proposed. */

import { never } from "../directive.ts";
import { credentialDirective } from "./_credentials.ts";

/** No secret: everybody reads units. */
export const setCredential: ReturnType<typeof credentialDirective> = credentialDirective({
  name: "SetCredential",
  since: 247,
  summary: "Hands the service the text that stands in the unit, in a file that its user alone reads.",
  breaks: "Nothing; with a mount namespace the credentials of other services are hidden anyway.",
  ineffective: ["Whoever reads the unit, or asks systemd, reads it."],
  needsValue: true,
  samples: ["word:text"],
  ladder: never("It only gives; to move a secret into a credential the service's configuration would have to change."),
});
