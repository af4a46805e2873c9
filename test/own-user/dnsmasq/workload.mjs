/** Names of a zone that dnsmasq has itself. */
import { visit } from "../dns.mjs";

await visit("dnsmasq");
