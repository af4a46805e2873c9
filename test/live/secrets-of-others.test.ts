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
mkdir -p /srv/keys /srv/mixed /srv/closed/deeper
for path in keys/a keys/b mixed/a closed/a; do echo secret >"/srv/$path"; chmod 600 "/srv/$path"; done
echo open >/srv/mixed/b; chmod 700 /srv/closed; : >/srv/empty; chmod 600 /srv/empty`;

test("files that others cannot read, and directories that hold nothing else", async () => {
  expect((await box.run(["/bin/sh", "-c", MAKE])).status).toBe(0);
  const found = (await secretsOf(box)).filter((path) => path.startsWith("/srv/"));
  expect(found).toEqual(["/srv/closed", "/srv/keys", "/srv/keys/a", "/srv/keys/b", "/srv/mixed/a"]);
});
