/** LoadCredentialEncrypted=. Facts: systemd.exec(5), systemd-creds(1). Read and judged; never proposed. */

import { never } from "../directive.ts";
import { credentialDirective } from "./_credentials.ts";

/** A secret that is kept encrypted. */
export const loadCredentialEncrypted: ReturnType<typeof credentialDirective> = credentialDirective({
  name: "LoadCredentialEncrypted",
  since: 250,
  summary: "Hands the service a secret from an encrypted file, decrypted, in a file that its user alone reads.",
  breaks: "Nothing; with a mount namespace the credentials of other services are hidden anyway.",
  ineffective: [
    "An empty line of LoadCredential= takes these away, too.",
    "Without a mount namespace root sees the credentials of all services in /run/credentials.",
  ],
  samples: ["cloison-missing"],
  ladder: never("It only gives; to move a secret into a credential the service's configuration would have to change."),
});
