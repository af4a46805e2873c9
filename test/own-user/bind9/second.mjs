/** What bind9's first workload never did. */
import { visitAgain } from "../dns.mjs";

await visitAgain("bind9", "named.service");
