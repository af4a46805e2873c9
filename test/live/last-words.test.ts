/** Tests src/engines/life/words.ts: why a service failed is told however late the journal is, and whatever it still learns of who spoke. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { journalWords } from "../../src/engines/life/words.ts";

let box: Box;
beforeAll(async () => {
  box = await bootBox();
});
afterAll(() => box?.down());

/** Starts a service while the journal stands still; it goes on some time after the function has returned. */
async function startedUnheard(name: string, command: string): Promise<void> {
  await box.writeFile(`/etc/systemd/system/${name}`, `[Service]\nExecStart=${command}\n`);
  await box.systemctl("daemon-reload");
  const signal = (which: string) => box.run(["pkill", `-${which}`, "-x", "systemd-journal"]);
  expect((await signal("STOP")).status).toBe(0);
  await box.systemctl("start", name);
  await expect.poll(async () => (await box.systemctl("is-failed", name)).status).toBe(0);
  // By now the sender is gone, so that the journal cannot find out of which unit it was.
  void sleep(300)
    .then(() => signal("CONT"))
    .catch(() => undefined); // the box went down with the test
}

test("the program that is not there is named", async () => {
  await startedUnheard("nowhere.service", "/no/such/program");
  const words = await journalWords(box, "nowhere.service");
  expect(words).toContain("nowhere.service: Failed at step EXEC spawning /no/such/program: No such file or directory");
});

test("last words are told, and only once", async () => {
  await startedUnheard("early.service", "/bin/sh -c 'echo my last words; exit 7'");
  const words = await journalWords(box, "early.service");
  expect(words).toEqual(["my last words", expect.stringContaining("Main process exited, code=exited, status=7/")]);
  expect(await box.journal("early.service")).toContain("my last words");
});
