/** `npm run bench`: figures, never a test. Without root, what needs systemd's own filters is left out and said. */
import { mergeFilters } from "../../dist/core/index.js";
import { figures } from "./figures.mjs";
import { kernel } from "./kernel.mjs";
import { everyDirective, systemdFilters } from "./systemd-filters.mjs";

const units = {
  service: ["SystemCallFilter=@system-service", "SystemCallErrorNumber=EPERM"],
  everything: everyDirective,
};
const root = process.getuid?.() === 0;
const found = root ? await systemdFilters(units) : {};
if (!root) console.log("without root: systemd's own filters and the kernel's time are left out");
await figures(found.service);
if (found.everything !== undefined) {
  const merged = mergeFilters(found.everything);
  if (!merged.ok) throw new Error(JSON.stringify(merged.diagnostics));
  kernel({
    "no filter": [],
    "systemd, every directive": found.everything,
    "cloison, the same as one": [merged.value.program],
  });
}
