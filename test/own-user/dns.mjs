/** The workloads of name servers that have shop.example.test themselves. Plain Node 20. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { Resolver } from "node:dns/promises";
import { connect } from "node:net";
import { eventually, workload } from "../samples/client.mjs";

const NAME = "shop.example.test";
const ADDRESS = [10, 1, 2, 3];

/** One that asks this server alone. */
function resolver(server) {
  const made = new Resolver({ timeout: 2000, tries: 1 });
  made.setServers([server]);
  return made;
}

/** Asks for an address over TCP; RFC 1035, 4.1 and 4.2.2. */
function overTcp() {
  const name = NAME.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]);
  const question = Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...name, 0, 0, 1, 0, 1]);
  const framed = Buffer.concat([Buffer.from([0, question.length]), question]);
  return new Promise((resolve, reject) => {
    const socket = connect(53, "127.0.0.1", () => socket.write(framed));
    socket.setTimeout(5000, () => socket.destroy(new Error("no answer over TCP")));
    socket.on("data", (data) => {
      socket.destroy();
      resolve(data);
    });
    socket.on("error", reject);
  });
}

/** Names that are there and names that are not, over UDP and TCP. */
export function visit(server) {
  return workload(server, async () => {
    const names = resolver("127.0.0.1");
    assert.deepEqual(await eventually("a name", () => names.resolve4(NAME)), [ADDRESS.join(".")]);
    await assert.rejects(names.resolve4("missing.example.test"));
    await Promise.all(Array.from({ length: 20 }, () => names.resolve4(NAME)));
    assert.ok((await overTcp()).includes(Buffer.from(ADDRESS)), "the address over TCP");
  });
}

/** What that never did: IPv6, many names at once over TCP, another kind of record, a reload of `unit`. */
export function visitAgain(server, unit) {
  return workload(server, async () => {
    await eventually("a name", () => resolver("127.0.0.1").resolve4(NAME));
    await Promise.all(Array.from({ length: 10 }, overTcp));
    await assert.rejects(resolver("127.0.0.1").resolveTxt(NAME));
    assert.deepEqual(await resolver("[::1]").resolve4(NAME), [ADDRESS.join(".")]);
    execFileSync("systemctl", ["reload", unit]);
    await eventually("after a reload", () => resolver("127.0.0.1").resolve4(NAME));
  });
}
