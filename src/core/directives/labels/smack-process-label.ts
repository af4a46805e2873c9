/** SmackProcessLabel=. Facts: systemd.exec(5). */
import { labelDirective } from "../_label.ts";
import { type Directive, never } from "../directive.ts";

/** Without it the label of the program's file decides. */
export const smackProcessLabel: Directive<string> = labelDirective({
  name: "SmackProcessLabel",
  since: 218,
  summary: "Gives the service's processes this SMACK label, by which its rules say what they may access.",
  breaks: "Whatever the rules do not allow that label.",
  requires: ["smack"],
  ineffective: ["Where SMACK is not active it does nothing."],
  samples: ["-App"],
  ladder: never("The machine's rules have to know the label first."),
});
