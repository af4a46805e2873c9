/**
 * `apply --own-user`: what it changes on disk is remembered first, and comes back as it was, by undo, by a trial that fails, and after
 * an apply that was killed. Tests src/engines/apply/disk.ts.
 */
import { expect, test } from "vitest";
import type { DiskChange } from "../../src/core/own-user/own-user.ts";
import { applying } from "./fixtures/applying.ts";

const { host, given, apply, sh, expectForgotten } = applying();

/** A service that writes into its directory, with files of other owners in it, and a file of logrotate's that names it. */
async function serviceWith(name: string, command: string): Promise<{ directory: string; look: () => Promise<string> }> {
  const [state, rotation] = [`/var/lib/${name}`, `/etc/logrotate.d/${name}`];
  const changes: readonly DiskChange[] = [
    {
      kind: "file",
      path: `/etc/sysusers.d/cloison-${name}.conf`,
      content: `u ${name} - "a service" - -\n`,
      for: "sysusers",
    },
    { kind: "owner", path: state, user: name, group: name },
    { kind: "owner", path: `${state}/db`, user: name },
    { kind: "owner", path: `${state}/gone`, user: name },
    {
      kind: "line",
      path: rotation,
      from: "\tcreate 640 root adm",
      to: [`\tcreate 640 ${name} adm`, `\tsu ${name} adm`],
    },
    {
      kind: "file",
      path: `/etc/tmpfiles.d/cloison-${name}.conf`,
      content: `f /run/${name}.pid 0644 ${name} ${name}\n`,
      for: "tmpfiles",
    },
  ];
  await sh(`mkdir -p /etc/logrotate.d /etc/sysusers.d /etc/tmpfiles.d -m 755; mkdir -m 2750 ${state}; chgrp adm ${state}
    echo kept >${state}/db; chgrp adm ${state}/db; chmod 4640 ${state}/db; : >${state}/other; chown 65534 ${state}/other`);
  await host.writeFile(rotation, `${state}/*.log {\n\tcreate 640 root adm\n}\n`, 0o600);
  const directory = await given(name, {
    unit: `[Service]\nExecStart=/bin/sh -c '${command}'\n`,
    programs: ["/bin/sh"],
    ownUser: {
      conf: `[Service]\nUser=${name}\nGroup=${name}\nStateDirectory=${name}\nStateDirectoryMode=2750\n`,
      changes,
    },
  });
  const look = () =>
    sh(`stat -c '%n %U:%G %a' ${state} ${state}/db ${state}/other ${rotation}; cat ${rotation}
      getent passwd ${name} | cut -d: -f1; ls /etc/sysusers.d /etc/tmpfiles.d | grep ${name}
      systemctl show -p User,ActiveState ${name}.service`);
  return { directory, look };
}

test.concurrent("undo puts back every owner, mode, line and account as it was", async () => {
  const { directory, look } = await serviceWith("mine", "echo more >>/var/lib/mine/db; exec sleep infinity");
  const before = await look();
  expect(before).toContain(
    "/var/lib/mine root:adm 2750\n/var/lib/mine/db root:adm 4640\n/var/lib/mine/other nobody:adm 644",
  );
  const applied = await apply(directory, "--own-user", "--active", "1");
  expect(applied.stderr + applied.stdout).toContain("Installed");
  const behind = await look();
  expect(behind).toContain("/var/lib/mine mine:mine 2750\n/var/lib/mine/db mine:adm");
  expect(behind).toContain("\tcreate 640 mine adm\n\tsu mine adm\n");
  expect(behind).toContain("User=mine");
  expect(await sh("stat -c %U /run/mine.pid; ps -o user= -p $(systemctl show -p MainPID --value mine.service)")).toBe(
    "mine\nmine\n",
  );
  const again = await apply(directory, "--active", "1");
  expect([again.status, again.stderr]).toEqual([3, expect.stringContaining("--undo mine.service")]);
  expect(await look()).toBe(behind);
  expect((await apply("--undo", "mine.service")).status).toBe(0);
  expect(await look()).toBe(before);
  await expectForgotten("mine");
});

test.concurrent("a trial that fails leaves nothing changed", async () => {
  const { directory, look } = await serviceWith("roots", "test $(id -u) = 0 && exec sleep infinity");
  const before = await look();
  const applied = await apply(directory, "--own-user", "--active", "1");
  expect([applied.status, applied.stderr]).toEqual([3, expect.stringContaining("the former state is back")]);
  expect(await look()).toBe(before);
  await expectForgotten("roots");
});

test.concurrent("what an apply that was killed has changed is put back by --undo, and what somebody else changed stays", async () => {
  const { directory, look } = await serviceWith("killed", "exec sleep infinity");
  const before = await look();
  const check = "touch /run/killed-is-checked; kill -9 $(cat /run/killed-apply); sleep 60";
  await sh(
    `sh -c 'echo $$ >/run/killed-apply; exec node /opt/cloison/dist/cli/main.js apply ${directory} --own-user --active 1 --window 30 --check "$1"' sh '${check}'`,
  );
  expect(await sh("ls /run/killed-is-checked")).not.toBe("");
  expect(await look()).toContain("/var/lib/killed killed:killed 2750");
  await sh("chown 65534 /var/lib/killed/db");
  const undone = await apply("--undo", "killed.service");
  expect(undone.stderr).toContain("belongs to somebody else by now");
  expect(await look()).toBe(
    before.replace("/var/lib/killed/db root:adm", "/var/lib/killed/db nobody:adm").replace("4640", "640"),
  );
  await expectForgotten("killed");
});
