/** The filters that systemd attaches to a unit: started in a box, read with ptrace. Needs root. */
import { readFileSync } from "node:fs";
import { bootBox } from "../../dist/engines/box/box.js";
import { filtersOfProcess } from "../../dist/linux/seccomp-filters.js";

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function ofUnit(box, name, lines) {
  await box.writeFile(
    `/etc/systemd/system/${name}.service`,
    ["[Service]", "ExecStart=/usr/bin/sleep 600", ...lines, ""].join("\n"),
  );
  await box.systemctl("daemon-reload");
  const started = await box.systemctl("start", name);
  if (started.status !== 0) {
    throw new Error(started.stderr);
  }
  for (let tries = 0; tries < 200; tries += 1) {
    const pid = Number(readFileSync(`${box.cgroup}/system.slice/${name}.service/cgroup.procs`, "utf8").split("\n")[0]);
    // Until execve it is systemd's own process, with the filters attached so far.
    if (pid > 0 && readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "sleep") {
      return (await filtersOfProcess(pid)).programs;
    }
    await pause(50);
  }
  throw new Error(`${name} did not start`);
}

/** By name the programs of each unit, oldest first. */
export async function systemdFilters(units) {
  const box = await bootBox({ name: "bench" });
  try {
    const found = {};
    for (const [name, lines] of Object.entries(units)) {
      found[name] = await ofUnit(box, `bench-${name}`, lines);
    }
    return found;
  } finally {
    await box.down();
  }
}

/** Every directive that makes a filter. */
export const everyDirective = [
  "SystemCallFilter=@system-service",
  "SystemCallErrorNumber=EPERM",
  "SystemCallArchitectures=native x86 x32",
  "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
  "RestrictNamespaces=yes",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "LockPersonality=yes",
  "MemoryDenyWriteExecute=yes",
  "ProtectClock=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelLogs=yes",
  "ProtectKernelTunables=yes",
  "ProtectHostname=yes",
  "PrivateDevices=yes",
];
