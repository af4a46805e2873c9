/**
 * `cloison seccomp dump` where a process has several threads, and where it is ended in the middle.
 * Tests src/linux/seccomp-filters.ts and src/linux/traced-command.ts.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encode } from "../../src/core/bpf/instruction.ts";
import { type CommandLine, commandLine } from "./fixtures/command-line.ts";
import { noReboot } from "./fixtures/no-reboot.ts";

let cli: CommandLine;

beforeAll(() => {
  cli = commandLine();
  cli.file("reboot.bpf", encode(noReboot, true));
  symlinkSync(join(import.meta.dirname, "../../node_modules"), join(cli.directory, "package/node_modules"));
});
afterAll(() => cli.remove());

test("dump says which threads have other filters, and takes their numbers", async () => {
  const program = join(import.meta.dirname, "fixtures/filtered-threads.py");
  const child = spawn("python3", [program, join(cli.directory, "reboot.bpf")]);
  try {
    const [line] = await once(createInterface(child.stdout), "line");
    const [two, one] = String(line).trim().split(" ");
    const main = await cli.run(["seccomp", "dump", String(child.pid)]);
    expect(main).toMatchObject({ status: 0, stdout: `process ${child.pid}: no filter\n` });
    // By number: the kernel begins again from below when it has come to the largest one.
    const counts = [`${two} (2)`, `${one} (1)`].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
    expect(main.stderr).toContain(`2 other threads have more or fewer: ${counts.join(", ")}`);
    const thread = await cli.run(["seccomp", "dump", String(two), "--json"]);
    const { processes } = JSON.parse(thread.stdout);
    expect(processes[0]).toMatchObject({
      filters: [noReboot, noReboot],
      otherThreads: expect.arrayContaining([
        { thread: child.pid, mode: 0, count: 0 },
        { thread: Number(one), mode: 2, count: 1 },
      ]),
    });
    const compared = await cli.run(["seccomp", "diff", String(one), "reboot.bpf"]);
    expect(compared.stdout).toMatch(/^equal: /);
    expect(compared.stderr).toContain(`these are the filters of thread ${one}`);
  } finally {
    child.kill("SIGKILL");
  }
});

/** The processes that have a variable in their environment, but for those that have ended. */
function marked(mark: string): readonly string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) {
      return false;
    }
    try {
      return readFileSync(`/proc/${name}/environ`, "latin1").includes(mark);
    } catch {
      return false;
    }
  });
}

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; !what() && tries < 6000; tries += 1) {
    await sleep(10);
  }
}

test.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)("nothing is left of a dump that %s ends", async (signal) => {
  // From before strace is there to long after the command has children.
  for (const delay of [30, 100, 150, 200, 300, 1000]) {
    const mark = `CLOISON_MARK=${signal}-${delay}-${process.pid}`;
    const temporary = join(cli.directory, `${signal}-${delay}`);
    mkdirSync(temporary);
    const env = { TMPDIR: temporary, CLOISON_MARK: mark.slice("CLOISON_MARK=".length) };
    const inner = "trap '' TERM INT HUP; setsid sleep 90 & sleep 91 & wait; sleep 92";
    const dump = cli.start(["seccomp", "dump", "--", "setpriv", "--seccomp-filter", "reboot.bpf", "sh", "-c", inner], {
      env,
    });
    await once(dump, "spawn");
    // All of it stands once both children sleep.
    if (delay === 1000) {
      await until(() => marked(mark).length >= 5);
    } else {
      await sleep(delay);
    }
    dump.kill(signal);
    await until(() => marked(mark).length === 0);
    expect([delay, marked(mark), readdirSync(temporary)]).toEqual([delay, [], []]);
  }
});
