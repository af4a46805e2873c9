/** Secrets of the machine as they are found in a box. Tests src/engines/life/secrets.ts. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { secretsOf } from "../../src/engines/life/secrets.ts";

let box: Box;
beforeAll(async () => {
  box = await bootBox();
});
afterAll(async () => {
  await box?.down();
});

const MAKE = `umask 022
mkdir -p /srv/keys /srv/mixed /srv/closed/deeper /srv/deep/of/a/daemon
for path in keys/a keys/b mixed/a closed/a deep/of/a/daemon/a; do echo secret >"/srv/$path"; chmod 600 "/srv/$path"; done
for path in log cache spool mail; do echo secret >"/var/$path/secret"; chmod 600 "/var/$path/secret"; done
echo open >/srv/mixed/b; chmod 700 /srv/closed; : >/srv/empty; chmod 600 /srv/empty`;

test("files that others cannot read, however deep, and directories that hold nothing else, in all the places", async () => {
  expect((await box.run(["/bin/sh", "-c", MAKE])).status).toBe(0);
  const all = await secretsOf(box);
  const keys = ["/srv/keys", "/srv/keys/a", "/srv/keys/b"];
  const deep = ["/srv/deep", "/srv/deep/of", "/srv/deep/of/a", "/srv/deep/of/a/daemon", "/srv/deep/of/a/daemon/a"];
  expect(all.filter((path) => path.startsWith("/srv/"))).toEqual(["/srv/closed", ...deep, ...keys, "/srv/mixed/a"]);
  expect(all).toEqual(expect.arrayContaining(["log", "cache", "spool", "mail"].map((name) => `/var/${name}/secret`)));
});
