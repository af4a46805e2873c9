/** Names of a zone that unbound has itself. */
import { visit } from "../dns.mjs";

await visit("unbound");
