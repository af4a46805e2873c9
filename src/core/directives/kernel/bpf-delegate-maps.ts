/** BPFDelegateMaps=. Facts: systemd.exec(5) of systemd 258. */
import { type Directive, never } from "../directive.ts";
import { bpfDelegation } from "./_bpf-delegation.ts";

/** Part of what a token gives; the other three lists say the rest. */
export const bpfDelegateMaps: Directive<string> = bpfDelegation({
  name: "BPFDelegateMaps",
  summary:
    "Lets the service use these types of BPF maps in its own user namespace without a capability on the machine.",
  sample: "BPFMapTypeArray,BPFMapTypeRingbuf",
  ladder: never("It only grants access, and closes nothing."),
});
