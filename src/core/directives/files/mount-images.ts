/** MountImages=. Facts: systemd.exec(5). Read and judged; never proposed. */

import { never } from "../directive.ts";
import { imagesDirective } from "./_images.ts";

/** Files from an image. */
export const mountImages: ReturnType<typeof imagesDirective> = imagesDirective({
  name: "MountImages",
  since: 247,
  at: "own places",
  summary: "Mounts the file systems of images at places of the service's.",
  breaks: "Whatever expects the machine's own files there.",
  ineffective: ["What is in it the model does not know: there everything is undecided."],
  samples: ["-/srv/cloison-missing.raw:/srv/image"],
  ladder: never("It adds file systems; which ones is for an administrator to say."),
});
