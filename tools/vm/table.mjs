/** Asks virtual machines whose root is a release's: the table of agreement, on a fresh machine each time, and what they enforce. */
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { makeMachine } from "./machine.mjs";

const inside = (name) => join(import.meta.dirname, name);

/** What `settled()` of src/engines/judges/table.ts asks. */
export function askMachine(root) {
  return async (cases, width) => {
    const machine = makeMachine({ root });
    try {
      await machine.boot();
      return await askRunning(machine, cases, width);
    } finally {
      await machine.discard();
    }
  };
}

/** Asks a machine that is up and has not been asked before. */
export async function askRunning(machine, cases, width) {
  const file = machine.leaveFile("cases.json", JSON.stringify({ cases, width }));
  const stdout = await runInside(machine, "table-inside.mjs", file);
  const { systemd, cells } = JSON.parse(gunzipSync(Buffer.from(stdout, "base64")).toString("utf8"));
  return {
    systemd,
    cells: cells.map((cell) => ({ ...cell, case: cases[cell.case], judgements: new Map(cell.judgements) })),
  };
}

/** What the machine does not enforce: directive → why; and the version of its systemd. */
export async function effectsOf(machine) {
  const { systemd, ineffective } = JSON.parse(await runInside(machine, "effects-inside.mjs"));
  return { systemd, ineffective: new Map(ineffective) };
}

async function runInside(machine, name, ...args) {
  const { status, stdout } = await machine.runTool([process.execPath, inside(name), ...args]);
  if (status !== 0) {
    throw new Error(`${name} failed in the machine: ${stdout.slice(-2000)}`);
  }
  return stdout;
}
