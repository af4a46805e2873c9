/**
 * Runs in a virtual machine (machine.mjs): asks the model and this machine's systemd of the cases in a file, as a box would be asked.
 * `node table-inside.mjs FILE`, where FILE holds `{cases, width}` as JSON; prints `{systemd, cells}`, compressed and in base64,
 * for it leaves over a serial line. A cell names its case by number, and its judgements only where they do not agree.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { askIn } from "../../dist/engines/judges/table.js";
import { wholeMachine } from "./whole-machine.mjs";

const { cases, width } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const { systemd, cells } = await askIn(wholeMachine(), cases, { width });
const told = cells.map(({ case: each, probe, judgements, status }) => ({
  case: cases.indexOf(each),
  probe,
  judgements: status === "agree" ? [] : [...judgements],
  status,
}));
process.stdout.write(gzipSync(JSON.stringify({ systemd, cells: told })).toString("base64"));
