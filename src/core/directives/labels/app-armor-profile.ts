/** AppArmorProfile=. Facts: systemd.exec(5); that `-` passes over what is not loaded was measured with 247, 252, 257 and 262. */
import { labelDirective } from "../_label.ts";
import { type Directive, never } from "../directive.ts";

/** The profile must be loaded already. */
export const appArmorProfile: Directive<string> = labelDirective({
  name: "AppArmorProfile",
  since: 210,
  summary: "Runs the service under this AppArmor profile, which lists the files and capabilities that it may use.",
  breaks:
    "Whatever the profile does not list; without the `-` in front the service fails where the profile is not loaded.",
  requires: ["apparmor"],
  ineffective: [
    "Where AppArmor is not active it does nothing.",
    "A profile in complain mode is only logged.",
    "With `-` in front a profile that is not loaded is passed over.",
  ],
  passedOver: (value, { profile }) => value.startsWith("-") && profile?.(value.slice(1)) === false,
  samples: ["-usr.sbin.app"],
  ladder: never("The profile has to be written and loaded first."),
});
