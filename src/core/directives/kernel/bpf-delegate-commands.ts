/** BPFDelegateCommands=. Facts: systemd.exec(5) of systemd 258. */
import { type Directive, never } from "../directive.ts";
import { bpfDelegation } from "./_bpf-delegation.ts";

/** Part of what a token gives; the other three lists say the rest. */
export const bpfDelegateCommands: Directive<string> = bpfDelegation({
  name: "BPFDelegateCommands",
  summary:
    "Lets the service use these commands of bpf(2) in its own user namespace without a capability on the machine.",
  sample: "BPFMapCreate,BPFProgLoad",
  ladder: never("It only grants access, and closes nothing."),
});
