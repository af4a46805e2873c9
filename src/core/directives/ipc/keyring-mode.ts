/** KeyringMode=. Facts: systemd.exec(5), session-keyring(7). A system service has a private keyring unless told otherwise. */
import { choiceDirective } from "../_choice.ts";
import type { Directive } from "../directive.ts";

type Value = "private" | "shared" | "inherit";

/** Keys kept in the kernel are the service's own. */
export const keyringMode: Directive<Value> = choiceDirective<Value>({
  name: "KeyringMode",
  since: 235,
  group: "ipc",
  summary: "Gives the service a keyring of its own in the kernel, or lets it share its user's keys.",
  breaks: "Services that pass keys to others of the same user, such as those that unlock disks.",
  weight: 1000,
  requires: [],
  ineffective: [],
  values: ["private", "shared", "inherit"],
  initial: "private",
  walls: (mode) => [
    {
      kind: "keyring",
      by: { kind: mode === "private" ? "default" : "setting", directive: "KeyringMode", value: mode },
      mode,
    },
  ],
  ladder: () => [{ value: "private", reason: "was not seen to share keys" }],
});
