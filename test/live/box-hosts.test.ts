/** The box on machines unlike this one, made for the purpose: other mounts, and a host whose PID 1 is systemd. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bootBox } from "../../src/engines/box/box.ts";

interface Said {
  readonly notes: string[];
  readonly cgroup: string;
  readonly outputs: string[];
}

let directory: string;
let program: string;

beforeAll(() => {
  directory = mkdtempSync("/var/tmp/cloison-hosts-");
  program = `${directory}/boot-box.mjs`;
  const entryPoints = [`${import.meta.dirname}/fixtures/boot-box.ts`];
  buildSync({ entryPoints, outfile: program, bundle: true, platform: "node", format: "esm", logLevel: "error" });
});

afterAll(() => rmSync(directory, { recursive: true }));

const said = (stdout: string): Said => JSON.parse(stdout.trim().split("\n").at(-1)!);

test("mounts of their own are overlaid each, or shown read-only and named", () => {
  const prepare = `set -e
    mount -t tmpfs -o mode=751,nosuid own /media; echo host >/media/file; chown 33:33 /media
    mount -t tmpfs readonly /mnt; echo fixed >/mnt/file; mount -o remount,ro /mnt
    mkdir ${directory}/upper ${directory}/work
    mount -t overlay -o lowerdir=/usr/share/doc,upperdir=${directory}/upper,workdir=${directory}/work stacked /opt; echo stacked >/opt/marker
    echo single >${directory}/hosts; mount --bind ${directory}/hosts /etc/hosts
    "$@"; cat /media/file /etc/hosts; ls /media`;
  const commands = [
    "cat /media/file; echo box >/media/file; touch /media/new; stat -c '%a %u' /media; grep ' /media ' /proc/mounts",
    "cat /mnt/file; touch /mnt/file",
    "cat /opt/marker; touch /opt/marker",
    "cat /etc/hosts; echo box >>/etc/hosts; tail -n 1 /etc/hosts",
  ];
  const argv = ["--mount", "sh", "-c", prepare, "sh", process.execPath, program, "{}", JSON.stringify(commands)];
  const stdout = execFileSync("/usr/bin/unshare", argv, { encoding: "utf8" });
  const { notes, outputs } = JSON.parse(stdout.split("\n").find((line) => line.startsWith("{"))!) as Said;
  expect(outputs[0]).toMatch(/^host\n751 33\noverlay \/media overlay rw,nosuid,/);
  expect(outputs[1]).toMatch(/^fixed\n.*Read-only file system$/);
  expect(outputs[2]).toMatch(/^stacked\n.*Read-only file system$/);
  expect(outputs[3]).toBe("single\nbox");
  expect(notes.filter((note) => note.startsWith("/opt ")).join()).toContain("read-only");
  expect(notes.filter((note) => /^\/(media|mnt|etc)/.test(note))).toEqual([]);
  // What the host still has after the box wrote to it:
  expect(stdout.trim().split("\n").slice(-3)).toEqual(["host", "single", "file"]);
});

test("a machine with 600 mounts, as kubelet and docker make them: no script is too long", () => {
  const at = "/mnt/var-lib-kubelet-pods-7f3c2a1e-volumes-kubernetes.io~projected-kube-api-access";
  const prepare = `set -e
    mount -t tmpfs all /mnt; mkdir $(seq -f ${at}-%g 600)
    for n in $(seq 600); do mount -t tmpfs -o size=16k own ${at}-$n; done; echo host >${at}-600/file
    "$@"; cat ${at}-600/file`;
  const commands = [`cat ${at}-600/file; echo box >${at}-600/file; grep -c 'overlay ${at}' /proc/mounts`];
  const argv = ["--mount", "sh", "-c", prepare, "sh", process.execPath, program, "{}", JSON.stringify(commands)];
  const stdout = execFileSync("/usr/bin/unshare", argv, { encoding: "utf8" });
  expect(said(stdout.slice(0, stdout.lastIndexOf("}") + 1)).outputs).toEqual(["host\n600"]);
  expect(stdout.endsWith("\nhost\n")).toBe(true);
});

test("a resolver file that links into /run is copied", () => {
  const prepare = `set -e
    mkdir -p /run/cloison-resolver; echo 'nameserver 192.0.2.53' >/run/cloison-resolver/conf
    mount -t tmpfs -o mode=755 etc ${directory}; cp -a /etc/. ${directory}/; mount --bind ${directory} /etc
    rm /etc/resolv.conf; ln -s /run/cloison-resolver/conf /etc/resolv.conf
    "$@"; rm -r /run/cloison-resolver`;
  const bundle = readFileSync(program);
  const copy = mkdtempSync("/tmp/cloison-resolver-");
  try {
    execFileSync("tee", [`${copy}/boot-box.mjs`], { input: bundle, stdio: ["pipe", "ignore", "inherit"] });
    const commands = JSON.stringify(["cat /etc/resolv.conf; test -L /etc/resolv.conf || echo plain"]);
    const argv = ["--mount", "sh", "-c", prepare, "sh", process.execPath, `${copy}/boot-box.mjs`, "{}", commands];
    expect(said(execFileSync("/usr/bin/unshare", argv, { encoding: "utf8" })).outputs).toEqual([
      "nameserver 192.0.2.53\nplain",
    ]);
  } finally {
    rmSync(copy, { recursive: true });
  }
});

test("where systemd is the host's PID 1, the box lives in a delegated scope that goes with it", async () => {
  const host = await bootBox({ bindReadOnly: [{ source: directory, target: "/opt/cloison" }] });
  try {
    await host.run(["rm", "-r", "/run/systemd/system/service.d"]); // this box plays a whole host
    const commands = [
      "systemctl is-system-running",
      "systemd-run --wait --pipe -q cat /proc/self/cgroup",
      "findmnt -no FSTYPE /",
    ];
    const argv = ["node", "/opt/cloison/boot-box.mjs", '{"scratch":"/tmp"}', JSON.stringify(commands)];
    const scopes = async () => {
      const listed = await host.systemctl("list-units", "--type=scope", "--plain", "--no-legend");
      return listed.stdout.split("\n").map((line) => line.replace(/[^ -~]*(?:\[[0-9;]*m)?/g, "").split(" ")[0]);
    };
    const before = await scopes();
    const result = await host.run(argv, { timeoutMs: 280_000, env: { PATH: process.env.PATH ?? "" } });
    expect(result.stderr).toBe("");
    const { cgroup, outputs, notes } = said(result.stdout);
    expect(cgroup).toMatch(/^\/sys\/fs\/cgroup\/system\.slice\/cloison-\d+-\d+-[0-9a-f]+\.scope\/box$/);
    expect(outputs[0]).toBe("running");
    expect(outputs[1]).toMatch(/^0::\/system\.slice\/run-.*\.service$/m);
    expect(notes.join()).toContain("kept in memory"); // a box has no loop devices
    // systemd notices by itself, a moment later, that a scope is empty.
    await expect.poll(scopes).toEqual(before);
    expect((await host.run(["test", "-e", cgroup])).status).toBe(1);
  } finally {
    await host.down();
  }
  expect(existsSync(host.cgroup)).toBe(false);
});
