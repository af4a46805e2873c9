/** Against the real kernel: this process listens, and is examined like any other. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endpointsOf, unixListeners } from "./listening.ts";

async function listening(...where: readonly [number, string] | readonly [string]): Promise<Server> {
  const server = createServer();
  const [place, host] = where;
  if (typeof place === "string") {
    server.listen(place);
  } else {
    server.listen(place, host);
  }
  await once(server, "listening");
  return server;
}

test("finds what listens, by address, and nothing that is connected or chosen by the kernel", async () => {
  const directory = mkdtempSync(join(tmpdir(), "cloison-listening-"));
  const path = join(directory, "a b.sock");
  const before = await endpointsOf([process.pid]);
  const four = await listening(0, "127.0.0.1");
  const six = await listening(0, "::1");
  const unix = await listening(path);
  const server = createSocket("udp4").bind(18_112, "127.0.0.1");
  const client = createSocket("udp4").bind(0, "127.0.0.1");
  await Promise.all([once(server, "listening"), once(client, "listening")]);
  const portOf = (of: Server): number => (of.address() as { readonly port: number }).port;
  const names = (await endpointsOf([process.pid])).map(({ kind, name }) => `${kind} ${name}`);
  const known = new Set(before.map(({ kind, name }) => `${kind} ${name}`));
  expect(names.filter((name) => !known.has(name))).toEqual(
    [
      "datagram UDP 127.0.0.1:18112",
      `stream ${path}`,
      `stream TCP 127.0.0.1:${portOf(four)}`,
      `stream TCP [::1]:${portOf(six)}`,
    ].sort(),
  );
  for (const each of [four, six, unix, server, client]) {
    each.close();
  }
  rmSync(directory, { recursive: true });
});

test("finds the sockets of files and of names on which somebody listens, and who holds them", async () => {
  const directory = mkdtempSync(join(tmpdir(), "cloison-listeners-"));
  const path = join(directory, "a b.sock");
  const name = `cloison-listeners-${process.pid}`;
  const servers = [await listening(path), await listening(`\0${name}`)];
  const own = (await unixListeners(process.pid, [1, process.pid])).filter(({ address }) =>
    address.includes("cloison-listeners-"),
  );
  expect(own).toEqual([
    { address: path, kind: "stream", holders: [process.pid] },
    // Node fills the name up with NULs, which the kernel shows so.
    { address: expect.stringMatching(new RegExp(`^@${name}@*$`)), kind: "stream", holders: [process.pid] },
  ]);
  for (const server of servers) {
    server.close();
  }
  rmSync(directory, { recursive: true });
  expect(await unixListeners(2 ** 22 + 1, [])).toEqual([]);
});

test("a process that is gone listens on nothing", async () => {
  expect(await endpointsOf([2 ** 22 + 1])).toEqual([]);
});
