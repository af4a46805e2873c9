/** ConfigurationDirectory=. Facts: systemd.exec(5). Read and judged; never proposed: what it gives, a service must ask for itself. */
import { directoriesDirective } from "../_directories.ts";
import { never } from "../directive.ts";

/** What an administrator tells a service. */
export const configurationDirectory: ReturnType<typeof directoriesDirective> = directoriesDirective({
  name: "ConfigurationDirectory",
  since: 235,
  private: false,
  summary: "Makes these directories below /etc; they stay root's, and writable behind ProtectSystem=strict.",
  breaks: "Nothing.",
  ineffective: ["They are not given to the service's user."],
  samples: ["cloison-sample"],
  ladder: never("What was a directory of the service's own before would change its owner and its place."),
});
