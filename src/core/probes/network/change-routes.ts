/**
 * Removes a route that there is not: inet_rtm_delroute in the kernel's net/ipv4/fib_frontend.c finds that out after rtnetlink_rcv_msg has
 * looked at capabilities. Facts: rtnetlink(7); 192.0.2.0/24 is for documentation (RFC 5737).
 */
import { ADDRESS_FAMILIES } from "../../kernel/address-family.ts";
import { littleEndian } from "../../kernel/bytes.ts";
import { netlinkSteps } from "../netlink.ts";
import type { Probe } from "../probe.ts";

const RTM_DELROUTE = 25;
const RTA_DST = 1;
const RT_TABLE_MAIN = 254;
const WHOLE_ADDRESS = 32;
const NOWHERE = [192, 0, 2, 1];

/** The attack: change the machine's routes. */
export const changeRoutes: Probe = {
  id: "change-routes",
  title: "change the machine's routes",
  gain: "The machine's traffic sent elsewhere: through the intruder, or nowhere.",
  goals: ["pose", "move-on"],
  steps: (machine) => {
    // struct rtmsg: family, lengths of destination and source, service, table, protocol, scope, type, flags.
    const route = [ADDRESS_FAMILIES.AF_INET, WHOLE_ADDRESS, 0, 0, RT_TABLE_MAIN, 0, 0, 0, 0, 0, 0, 0];
    const destination = [...littleEndian(8, 2), ...littleEndian(RTA_DST, 2), ...NOWHERE];
    return netlinkSteps(machine, "route", {
      type: RTM_DELROUTE,
      body: [...route, ...destination],
      needs: [{ kind: "capability", capability: "CAP_NET_ADMIN", over: "net" }],
      past: ["ESRCH"],
    });
  },
};
