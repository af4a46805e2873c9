/** The command of a unit as systemd has it, whatever its arguments hold: the real manager answers, over its bus. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { startCommandsOf } from "../../src/engines/judges/systemd/commands.ts";

let box: Box;
beforeAll(async () => {
  box = await bootBox();
});
afterAll(() => box.down());

async function commandIn(name: string, ...lines: readonly string[]) {
  await box.writeFile(`/etc/systemd/system/${name}`, `[Service]\n${lines.join("\n")}\n`);
  await box.systemctl("daemon-reload");
  const [main] = await startCommandsOf(box, name);
  return main;
}

test("newlines, braces and lines that look like properties stay in their arguments", async () => {
  const name = "1odd\\x2dname@a.service";
  const hostile = "one\\nFragmentPath=/etc/shadow\\nExecStartEx={ path=/bin/evil ; argv[]=x ; flags= ; }";
  const command = await commandIn(name, `ExecStart=-!/bin/sh -c "echo '${hostile}'" " " ""`);
  expect(command).toEqual({
    executable: "/bin/sh",
    argv: ["/bin/sh", "-c", `echo '${hostile.replaceAll("\\n", "\n")}'`, " ", ""],
    fragment: `/etc/systemd/system/${name}`,
    prefix: "!",
    privilege: "no-identity",
  });
});

test("a name without a slash is found on the unit's own path, and of several commands the last counts", async () => {
  const command = await commandIn(
    "searched.service",
    "Type=oneshot",
    "ExecSearchPath=/opt/none:/usr/sbin",
    "ExecStart=true",
    "ExecStart=+nologin a b",
  );
  expect(command).toMatchObject({ executable: "/usr/sbin/nologin", argv: ["nologin", "a", "b"], prefix: "+" });
});

test("a unit that has no command is said to have none", async () => {
  await expect(commandIn("bare.service", "Type=oneshot", "ExecStop=/bin/true")).rejects.toThrow(
    "no command to stand in for",
  );
});
