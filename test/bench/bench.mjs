/** `npm run bench`: figures, never a test. Without root, what needs systemd's own filters is left out and said. */
import { mergeFilters } from "../../dist/core/index.js";
import { kernel } from "./kernel.mjs";
import { libseccomp } from "./libseccomp.mjs";
import { must } from "./must.mjs";
import { containerPolicies, nginxCounts, unitPolicy } from "./policies.mjs";
import { compareSizes, compareStack } from "./size.mjs";
import { everyDirective, systemdFilters } from "./systemd-filters.mjs";
import { times } from "./time.mjs";

const serviceLines = ["SystemCallFilter=@system-service", "SystemCallErrorNumber=EPERM"];
const containers = containerPolicies();
const counts = nginxCounts();
const compileWithLibrary = await libseccomp();

compareSizes("Docker's default profile, x86_64", containers.docker, counts, compileWithLibrary);
compareSizes("Podman's default profile, x86_64", containers.podman, counts, compileWithLibrary);
const service = unitPolicy(serviceLines);
compareSizes("SystemCallFilter=@system-service, x86_64", service, counts, compileWithLibrary);
times(containers);

if (process.getuid?.() === 0) {
  const attached = await systemdFilters({ service: serviceLines, everything: everyDirective });
  compareStack("SystemCallFilter=@system-service, all three ABIs", attached.service);
  compareStack("Every directive that makes a filter", attached.everything);
  kernel({
    "no filter": [],
    "systemd, every directive": attached.everything,
    "cloison, the same as one": [must(mergeFilters(attached.everything)).program],
  });
} else {
  console.log("\nwithout root: systemd's own filters and the kernel's time are left out");
}
