/** Asking a cloud's metadata service. */
import type { Machine, NotApplicable, Step } from "../probe.ts";
import { connectTcp } from "../socket.ts";

/** Connects to one of them. */
export function askAt({ metadata }: Machine, address: string): readonly Step[] | NotApplicable {
  if (metadata === undefined) {
    return { notApplicable: "on the machine's own network no service of ours stands there" };
  }
  return metadata.addresses.includes(address)
    ? connectTcp(address, metadata.port)
    : { notApplicable: `the network of the box cannot have ${address}` };
}
