import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { nameServers } from "./name-servers.ts";

const root = mkdtempSync(join(tmpdir(), "cloison-name-servers-"));
afterAll(() => rmSync(root, { recursive: true }));

test("nameServers: none where nothing says so, else those of both files, each once", () => {
  expect(nameServers(root)).toEqual([]);
  mkdirSync(join(root, "etc"));
  writeFileSync(
    join(root, "etc/resolv.conf"),
    "# made by hand\nsearch example.org\nnameserver 127.0.0.53\nnameserver fe80::1%eth0\n",
  );
  mkdirSync(join(root, "run/systemd/resolve"), { recursive: true });
  writeFileSync(join(root, "run/systemd/resolve/resolv.conf"), "nameserver 168.63.129.16\nnameserver 127.0.0.53\n");
  expect(nameServers(root)).toEqual(["127.0.0.53", "fe80::1", "168.63.129.16"]);
});
