/** LoadCredential=. Facts: systemd.exec(5), systemd-creds(1). Read and judged; never proposed. */

import { never } from "../directive.ts";
import { credentialDirective } from "./_credentials.ts";

/** A secret of the machine's. */
export const loadCredential: ReturnType<typeof credentialDirective> = credentialDirective({
  name: "LoadCredential",
  since: 247,
  summary: "Hands the service a secret from a file or a socket, in a file that its user alone reads.",
  breaks: "Nothing; with a mount namespace the credentials of other services are hidden anyway.",
  ineffective: ["Without a mount namespace root sees the credentials of all services in /run/credentials."],
  samples: ["secret:/etc/hostname"],
  ladder: never("It only gives; to move a secret into a credential the service's configuration would have to change."),
});
