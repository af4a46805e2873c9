/** Names of a zone that bind9 has itself. */
import { visit } from "../dns.mjs";

await visit("bind9");
