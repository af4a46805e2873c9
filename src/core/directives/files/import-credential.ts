/** ImportCredential=. Facts: systemd.exec(5), systemd-creds(1). Read and judged; never proposed. */

import { never } from "../directive.ts";
import { credentialDirective } from "./_credentials.ts";

/** What the machine was booted with. */
export const importCredential: ReturnType<typeof credentialDirective> = credentialDirective({
  name: "ImportCredential",
  since: 254,
  summary: "Hands the service the machine's own credentials of these names, as far as it has any.",
  breaks: "Nothing; with a mount namespace the credentials of other services are hidden anyway.",
  ineffective: ["What the machine does not have is left out without a word."],
  pattern: true,
  samples: ["cloison.*"],
  ladder: never("It only grants access, and closes nothing."),
});
