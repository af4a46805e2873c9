/**
 * A unit whose own filter kills, narrowed: by the machine's systemd a call that is refused in addition fails with EPERM and the program
 * goes on, and what the unit kills for still kills. Tests src/core/directives/calls/_without-killing.ts.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CallList, foldCalls } from "../../src/core/directives/call-list.ts";
import { withoutKilling } from "../../src/core/directives/calls/_without-killing.ts";
import { systemCallFilter } from "../../src/core/directives/calls/system-call-filter.ts";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { nativeAbi } from "../../src/linux/native-abi.ts";

let box: Box;
beforeAll(async () => {
  box = await bootBox({});
});
afterAll(() => box.down());

const machine = nativeAbi();

function list(value: string): CallList {
  const folded = foldCalls([{ value, file: "x.service", line: 1 }], machine).value;
  if (folded === undefined) {
    throw new Error(`no list: ${value}`);
  }
  return folded;
}

/** What was seen: all of systemd's usual set, but the priority of processes. */
const wanted = list("@system-service");
const { setpriority: _, ...calls } = wanted.calls;

/** Sets its priority and says which error that is, then unmounts nothing. */
const PROGRAM =
  '$| = 1; require "syscall.ph"; syscall(&SYS_setpriority, 0, 0, 0); print $! + 0, "\\n"; syscall(&SYS_umount2, 0, 0); print "alive\\n"';

test.each([
  ["an allow list", "@system-service", undefined],
  ["a deny list", "~@mount", undefined],
  ["no list", undefined, "kill"],
])("%s", async (kind, own, answer) => {
  const name = kind.replaceAll(" ", "-");
  const below = own === undefined ? undefined : list(own);
  const narrowed = withoutKilling({ mode: "allow", calls }, below, machine);
  const lines = systemCallFilter.print(narrowed, below, machine).map((line) => `SystemCallFilter=${line}`);
  const unit = [
    "[Service]",
    "Type=oneshot",
    `ExecStart=/usr/bin/perl -e '${PROGRAM.replaceAll("$", "$$$$").replaceAll("\\", "\\\\")}'`,
    ...(own === undefined ? [] : [`SystemCallFilter=${own}`]),
    ...(answer === undefined ? [] : [`SystemCallErrorNumber=${answer}`]),
  ];
  await box.writeFile(`/etc/systemd/system/${name}.service`, `${unit.join("\n")}\n`);
  await box.writeFile(`/etc/systemd/system/${name}.service.d/zz.conf`, `[Service]\n${lines.join("\n")}\n`);
  await box.systemctl("daemon-reload");
  await box.systemctl("start", name);
  const state = await box.showProperties(`${name}.service`, ["Result", "ExecMainStatus"]);
  await box.syncJournal();
  const said = (await box.run(["journalctl", "--output=cat", `_SYSTEMD_UNIT=${name}.service`])).stdout;
  expect(said).toMatch(/^1$/m);
  expect(said.includes("alive")).toBe(own === undefined);
  expect(state.get("Result")).toBe(own === undefined ? "success" : "signal");
});
