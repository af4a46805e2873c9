/** What dnsmasq's first workload never did. */
import { visitAgain } from "../dns.mjs";

await visitAgain("dnsmasq", "dnsmasq.service");
