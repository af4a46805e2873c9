/** SELinuxContext=. Facts: systemd.exec(5). */
import { labelDirective } from "../_label.ts";
import { type Directive, never } from "../directive.ts";

/** The service runs in a domain of the policy instead of the one that its program's file leads to. */
export const selinuxContext: Directive<string> = labelDirective({
  name: "SELinuxContext",
  since: 209,
  summary: "Runs the service in this SELinux context instead of the one that its program's label leads to.",
  breaks: "Whatever the policy does not allow that context; the policy must also allow the change to it.",
  requires: ["selinux"],
  ineffective: ["Where SELinux is not active it does nothing.", "In permissive mode the policy is only logged."],
  samples: ["-system_u:system_r:httpd_t:s0"],
  ladder: never("The machine's policy has to know the context first."),
});
