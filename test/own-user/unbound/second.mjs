/** What unbound's first workload never did. */
import { visitAgain } from "../dns.mjs";

await visitAgain("unbound", "unbound.service");
