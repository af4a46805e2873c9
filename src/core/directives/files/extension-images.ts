/** ExtensionImages=. Facts: systemd.exec(5). Read and judged; never proposed. */

import { never } from "../directive.ts";
import { imagesDirective } from "./_images.ts";

/** A system with more files. */
export const extensionImages: ReturnType<typeof imagesDirective> = imagesDirective({
  name: "ExtensionImages",
  since: 248,
  at: "system",
  summary: "Lays the files of images over the system's directories /usr, /opt and /etc.",
  breaks: "Whatever expects the machine's own files there.",
  ineffective: ["What is in it the model does not know: there everything is undecided."],
  samples: ["-/srv/cloison-missing.raw"],
  ladder: never("It adds files to the system; which ones is for an administrator to say."),
});
