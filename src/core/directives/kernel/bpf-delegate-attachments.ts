/** BPFDelegateAttachments=. Facts: systemd.exec(5) of systemd 258. */
import { type Directive, never } from "../directive.ts";
import { bpfDelegation } from "./_bpf-delegation.ts";

/** Part of what a token gives; the other three lists say the rest. */
export const bpfDelegateAttachments: Directive<string> = bpfDelegation({
  name: "BPFDelegateAttachments",
  summary:
    "Lets the service use these places to attach BPF programs to in its own user namespace without a capability on the machine.",
  sample: "BPFCgroupSysctl,BPFNetfilter",
  ladder: never("It only grants access, and closes nothing."),
});
