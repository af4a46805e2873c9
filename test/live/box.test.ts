/** The box on this machine: the kernel, systemd and the host's own tables are the judges. Tests src/engines/box and src/linux. */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { effects } from "../../src/engines/box/effects.ts";
import { startGuard } from "../../src/engines/box/guard.ts";
import { liftHardwareGuard, restoreHardwareGuard } from "../../src/engines/box/hardware.ts";
import { cgroupsOf, hostState, isPopulated, loopsOn } from "./fixtures/box-traces.ts";

const hostile = "a 'b' $(touch pwned) `id`\n; reboot";
let scratch: string;
let layer: string;
let shown: string;
let before: Record<string, string>;
let box: Box;

const lines = async (argv: string[]): Promise<string[]> => (await box.run(argv)).stdout.trim().split("\n");
/** Runs a shell command as a unit of the box. */
const unit = (command: string, ...properties: string[]) =>
  box.run([
    ...["systemd-run", "--wait", "--pipe", "--quiet", "--collect", "--expand-environment=no"],
    ...properties.flatMap((property) => ["-p", property]),
    ...["sh", "-c", command],
  ]);
const capabilities = (status: string): bigint => BigInt(`0x${/CapBnd:\s*([0-9a-f]+)/.exec(status)![1]}`);
const has = (set: bigint, bit: number): boolean => ((set >> BigInt(bit)) & 1n) === 1n;

beforeAll(async () => {
  scratch = mkdtempSync("/var/tmp/cloison-test-");
  layer = mkdtempSync("/var/tmp/cloison-layer-");
  shown = mkdtempSync("/tmp/cloison-shown-");
  mkdirSync(`${layer}/opt/cloison-layer`, { recursive: true });
  writeFileSync(`${layer}/opt/cloison-layer/file`, "from the layer\n");
  mkdirSync(`${layer}/usr/share`, { recursive: true });
  execFileSync("mknod", [`${layer}/usr/share/doc`, "c", "0", "0"]); // a whiteout: the layer removed this directory
  writeFileSync(`${shown}/workload.sh`, "echo ran\n");
  mkdirSync(`${shown}/${hostile}`);
  before = hostState();
  box = await bootBox({
    scratch,
    layers: [layer],
    bindReadOnly: [
      { source: shown, target: shown },
      { source: `${shown}/workload.sh`, target: "/opt/workload" },
      { source: `${shown}/${hostile}`, target: `/opt/${hostile}` },
    ],
    data: [{ path: "/var/lib/dpkg", mode: "empty" }],
    addresses: ["169.254.169.254/32", "10.99.0.7/24", "fd00::7/64"],
  });
});

afterAll(async () => {
  await box?.down();
  for (const directory of [scratch, layer, shown]) {
    rmSync(directory, { recursive: true, force: true });
  }
});

test("systemd is PID 1, all of what it started is well, and the namespaces are its own", async () => {
  expect(await lines(["systemctl", "is-system-running"])).toEqual(["running"]);
  expect(box.notes.filter((note) => note.includes("failed"))).toEqual([]);
  for (const name of ["mnt", "pid", "cgroup", "uts", "ipc", "net"]) {
    const inside = readlinkSync(`/proc/${box.leader}/ns/${name}`);
    expect(inside).not.toBe(readlinkSync(`/proc/self/ns/${name}`));
    expect(await lines(["readlink", `/proc/self/ns/${name}`])).toEqual([inside]);
  }
  expect(readFileSync(`/proc/${box.leader}/status`, "utf8")).toMatch(/NSpid:\t\d+\t1$/m);
});

test("run passes streams, status, directory, environment and identity, and ends what takes too long", async () => {
  const said = await box.run(["sh", "-c", 'cat; pwd; echo "$X"; echo oops >&2; exit 7'], {
    input: "in\n",
    cwd: "/usr",
    env: { X: "a 'b' $c\n" },
  });
  expect(said).toMatchObject({ status: 7, signal: null, stdout: "in\n/usr\na 'b' $c\n\n", stderr: "oops\n" });
  expect((await box.run(["id", "-G"], { uid: 33 })).stdout).toBe("33\n");
  expect((await box.run(["id", "-u"], { uid: 60_123 })).stdout).toBe("60123\n");
  const slow = await box.run(["sh", "-c", "sleep 987 & sleep 987"], { timeoutMs: 200 });
  expect(slow.timedOut).toBe(true);
  expect((await box.run(["pgrep", "-f", "sleep 987"])).status).toBe(1);
  expect((await box.run(["/no/such/program"])).status).toBe(127);
});

test("spawn gives the streams to the caller", async () => {
  const child = box.spawn(["cat"]);
  child.stdin!.end("through\n");
  let text = "";
  for await (const chunk of child.stdout!) {
    text += chunk;
  }
  expect(text).toBe("through\n");
});

test("files are written and read inside: the host keeps its own, links do not lead out", async () => {
  await box.writeFile("/etc/cloison/deep/file", "text\n", 0o640);
  expect((await box.readFile("/etc/cloison/deep/file")).toString()).toBe("text\n");
  expect(await lines(["stat", "-c", "%a", "/etc/cloison/deep/file"])).toEqual(["640"]);
  expect(existsSync("/etc/cloison/deep")).toBe(false);
  const name = `/root/cloison-box-test-${process.pid}`;
  await box.run(["ln", "-s", "/root", "/opt/link"]);
  await box.writeFile(`/opt/link/${name.slice(6)}`, new Uint8Array([0, 255, 10]));
  expect([...(await box.readFile(name))]).toEqual([0, 255, 10]);
  expect(existsSync(name)).toBe(false);
  await expect(box.readFile("/etc/none")).rejects.toMatchObject({ name: "SystemError", path: "/etc/none" });
});

test("layers lie over the machine, whiteouts included, and are not written to", async () => {
  expect(await lines(["cat", "/opt/cloison-layer/file"])).toEqual(["from the layer"]);
  expect((await box.run(["test", "-e", "/usr/share/doc"])).status).toBe(1);
  await box.run(["sh", "-c", "echo changed >/opt/cloison-layer/file; mv /opt/cloison-layer /opt/renamed"]);
  expect(await lines(["cat", "/opt/renamed/file"])).toEqual(["changed"]);
  expect(readFileSync(`${layer}/opt/cloison-layer/file`, "utf8")).toBe("from the layer\n");
});

test("what is bound is seen, even from /tmp, and cannot be written; an emptied directory is empty", async () => {
  expect(await lines(["sh", `${shown}/workload.sh`])).toEqual(["ran"]);
  expect(await lines(["sh", "/opt/workload"])).toEqual(["ran"]);
  expect((await box.run(["touch", `${shown}/new`])).stderr).toContain("Read-only file system");
  expect((await box.run(["test", "-d", `/opt/${hostile}`])).status).toBe(0);
  expect((await box.run(["ls", "-A", "/var/lib/dpkg"])).stdout).toBe("");
  expect(readFileSync("/var/lib/dpkg/status", "utf8").length).toBeGreaterThan(0);
});

test("the address of cloud metadata is a neighbour in the box, and the host's ports are free", async () => {
  const addresses = (await box.run(["ip", "-br", "address", "show", "dev", "lo"])).stdout;
  for (const each of ["169.254.169.254/32", "10.99.0.7/24", "fd00::7/64"]) {
    expect(addresses).toContain(each);
  }
  const listener = createServer().listen(0, "127.0.0.1");
  const port = await new Promise<number>((resolve) =>
    listener.once("listening", () => resolve((listener.address() as { port: number }).port)),
  );
  const tried = await box.run(["bash", "-c", `exec 3<>/dev/tcp/127.0.0.1/${port}`]);
  listener.close();
  expect(tried.stderr).toContain("refused");
});

test("what reaches the machine is taken from PID 1, and units get no other wall", async () => {
  const { stdout } = await unit(
    "cat /proc/self/status; readlink /proc/self/ns/mnt; mknod /dev/cloison-x c 4 64; echo $?",
  );
  const full = capabilities(readFileSync("/proc/self/status", "utf8"));
  // CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_SYS_BOOT, CAP_SYS_RESOURCE, CAP_SYS_TIME, CAP_MAC_ADMIN
  const taken = [16n, 17n, 22n, 24n, 25n, 33n].reduce((set, bit) => set | (1n << bit), 0n);
  expect(capabilities(readFileSync(`/proc/${box.leader}/status`, "utf8"))).toBe(full & ~taken);
  expect(capabilities(stdout)).toBe(full & ~taken);
  expect(stdout).toMatch(/NoNewPrivs:\t0\n/);
  expect(stdout).toMatch(/Seccomp_filters:\t1\n/); // PID 1's own
  expect(stdout).toContain(readlinkSync(`/proc/${box.leader}/ns/mnt`));
  expect(stdout.trim().endsWith("\n1")).toBe(true);
});

test("in a box for attacks the guard is lifted for one unit, and put back", async () => {
  const attacked = await bootBox({ scratch, forAttacks: true });
  try {
    const name = "cloison-control.service";
    await attacked.writeFile(
      `/run/systemd/system/${name}`,
      "[Service]\nType=oneshot\nExecStart=sh -c 'grep CapBnd /proc/self/status >/run/bounding; mknod /dev/cloison-y c 4 64 && rm /dev/cloison-y && echo made >>/run/bounding'\n",
    );
    const result = async (): Promise<string> => {
      await attacked.systemctl("daemon-reload");
      await attacked.systemctl("start", name);
      return (await attacked.readFile("/run/bounding")).toString();
    };
    const guarded = await result();
    expect(has(capabilities(guarded), 25)).toBe(false);
    expect(guarded).not.toContain("made");
    await liftHardwareGuard(attacked, name);
    const lifted = await result();
    expect(has(capabilities(lifted), 25)).toBe(true);
    expect(lifted).toContain("made");
    await restoreHardwareGuard(attacked, name);
    expect(await result()).toBe(guarded);
  } finally {
    await attacked.down();
  }
});

test("a unit that asks for a guarded ambient capability starts, without it", async () => {
  const name = "cloison-ambient.service";
  await box.writeFile(
    `/etc/systemd/system/${name}`,
    "[Service]\nType=oneshot\nUser=nobody\nAmbientCapabilities=CAP_SYS_TIME CAP_NET_RAW\nExecStart=sh -c 'grep CapAmb /proc/self/status'\n",
  );
  expect((await box.systemctl("start", name)).status).toBe(0);
  expect(await box.journal(name)).toContain(`CapAmb:\t${(1n << 13n).toString(16).padStart(16, "0")}`);
});

test("walls of units work as on the host: a file system view, a filter, credentials, a user of its own", async () => {
  expect((await unit("touch /usr/x", "ProtectSystem=strict")).stderr).toContain("Read-only file system");
  expect((await unit("unshare -U true", "RestrictNamespaces=yes")).status).not.toBe(0);
  expect((await unit('cat "$CREDENTIALS_DIRECTORY/key"', "SetCredential=key:value")).stdout).toBe("value");
  const dynamic = Number((await unit("id -u", "DynamicUser=yes")).stdout);
  expect(dynamic).toBeGreaterThanOrEqual(61_184);
  expect(dynamic).toBeLessThanOrEqual(65_519);
  const shown = await box.showProperties("dbus.service", ["ActiveState", "FragmentPath"]);
  expect(shown.get("ActiveState")).toBe("active");
});

test("directives that would not be enforced here are told, and agree with the kernel", async () => {
  const told = new Set((await effects(box)).ineffective.map((each) => each.directive));
  const version = execFileSync("systemctl", ["--version"]).toString();
  expect(told.has("SocketBindDeny")).toBe(version.includes("-BPF_FRAMEWORK"));
  expect(told.has("SystemCallFilter")).toBe(false);
  expect(told.has("DevicePolicy")).toBe(false);
  // Independently: with the address filter on, a refused connection is no longer refused.
  const tried = await unit("timeout 0.3 bash -c 'exec 3<>/dev/tcp/127.0.0.1/1'; true", "IPAddressDeny=any");
  expect(told.has("IPAddressDeny")).toBe(tried.stderr.includes("refused"));
});

test("two boxes run side by side and know nothing of each other", async () => {
  const other = await bootBox({ scratch });
  try {
    expect(other.cgroup).not.toBe(box.cgroup);
    await other.writeFile("/etc/only-there", "x");
    expect((await box.run(["test", "-e", "/etc/only-there"])).status).toBe(1);
    const serve = ["systemd-run", "-q", "--unit=serve", "python3", "-m", "http.server", "8080"];
    for (const each of [box, other]) {
      expect((await each.run(serve)).status).toBe(0);
    }
    expect(await lines(["systemctl", "is-active", "serve"])).toEqual(["active"]);
    expect((await other.systemctl("is-active", "serve")).stdout).toBe("active\n");
  } finally {
    await other.down();
  }
});

test("the host's sysctls, mounts, modules and addresses are as before; nothing has a name in the scratch", () => {
  const after = hostState();
  for (const part of Object.keys(before)) {
    expect(after[part], part).toBe(before[part]);
  }
  expect(readdirSync(scratch)).toEqual([]);
});

test("down leaves nothing, may be called twice, and says so when the box is used afterwards", async () => {
  const loops = loopsOn(scratch);
  const gone = await bootBox({ scratch });
  const mine = cgroupsOf(process.pid);
  expect(mine.length).toBe(2);
  await gone.down();
  await gone.down();
  await gone.ended;
  expect(cgroupsOf(process.pid).length).toBe(1);
  await expect.poll(() => existsSync(`/proc/${gone.leader}`)).toBe(false); // the host's init has to reap it
  expect(loopsOn(scratch)).toEqual(loops);
  expect(isPopulated(mine.find((each) => !box.cgroup.startsWith(each))!)).toBe(false);
  await expect(gone.run(["true"])).rejects.toMatchObject({ name: "SystemError" });
});

test("options that cannot be had are one SystemError with a way out", async () => {
  await expect(bootBox({ scratch: "/no/such/place" })).rejects.toMatchObject({ name: "SystemError", code: "ENOENT" });
  await expect(bootBox({ layers: ["/no/such/layer"] })).rejects.toMatchObject({ path: "/no/such/layer" });
  const bind = [{ source: "/no/such/file", target: "/x" }];
  await expect(bootBox({ bindReadOnly: bind })).rejects.toMatchObject({ path: "/no/such/file" });
  const data = [{ path: "relative", mode: "empty" as const }];
  await expect(bootBox({ data })).rejects.toThrow("absolute");
  await expect(bootBox({ network: "host", addresses: ["10.0.0.1/32"] })).rejects.toMatchObject({
    help: expect.any(String),
  });
  symlinkSync("/usr", `${scratch}/a:b`);
  mkdirSync(`${scratch}/c:d`);
  await expect(bootBox({ layers: [`${scratch}/c:d`] })).rejects.toThrow("overlayfs");
  rmSync(`${scratch}/a:b`);
  rmSync(`${scratch}/c:d`, { recursive: true });
});

test("on the host's network units have no CAP_NET_ADMIN, and the notes say what is shared", async () => {
  const shared = await bootBox({ scratch, network: "host" });
  try {
    expect(readlinkSync(`/proc/${shared.leader}/ns/net`)).toBe(readlinkSync("/proc/self/ns/net"));
    expect(shared.notes.join("\n")).toContain("abstract sockets");
    await liftHardwareGuard(shared, "probe.service");
    for (const name of ["any", "probe"]) {
      const argv = ["systemd-run", "--wait", "--pipe", "-q", `--unit=${name}`, "cat", "/proc/self/status"];
      expect(has(capabilities((await shared.run(argv)).stdout), 12), name).toBe(false);
    }
  } finally {
    await shared.down();
  }
});

test("a Node that does not take the socket of the entrance is told of, not waited for", async () => {
  const [maker, nothing] = [openSync("/usr/bin/env", "r"), openSync("/dev/null", "r")];
  const handed = { maker, image: undefined, init: nothing, manager: nothing };
  await expect(startGuard("exec sleep 600", handed)).rejects.toThrow(
    "the socket of the entrance cannot be made: Node has not",
  );
  closeSync(maker);
  closeSync(nothing);
});
