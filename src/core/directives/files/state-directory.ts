/** StateDirectory=. Facts: systemd.exec(5). Not on the ladder; `core/own-user` writes it. */
import { directoriesDirective } from "../_directories.ts";
import { never } from "../directive.ts";

/** What a service keeps. */
export const stateDirectory: ReturnType<typeof directoriesDirective> = directoriesDirective({
  name: "StateDirectory",
  since: 235,
  private: true,
  summary:
    "Makes these directories below /var/lib, gives them to the service's user, and keeps them writable behind ProtectSystem=strict.",
  breaks: "Nothing; with ::ro, whatever writes there.",
  ineffective: ["With DynamicUser= they lie below private, where no other user comes, and a link leads there."],
  samples: ["cloison-sample", "cloison-sample::ro"],
  ladder: never("What was a directory of the service's own before would change its owner and its place."),
});
