/** Runs in a virtual machine (machine.mjs): prints what it does not enforce as `{systemd, ineffective: [[directive, reason], …]}`. */
import { effects } from "../../dist/engines/box/effects.js";
import { systemdVersion } from "../../dist/linux/systemd-version.js";
import { wholeMachine } from "./whole-machine.mjs";

const machine = wholeMachine();
const { version } = await systemdVersion((argv) => machine.run(argv));
const { ineffective } = await effects(machine);
process.stdout.write(
  JSON.stringify({ systemd: version, ineffective: ineffective.map(({ directive, reason }) => [directive, reason]) }),
);
