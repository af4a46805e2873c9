/**
 * The stage's neighbours and daemons are what the attacks are told of them. Tests src/engines/judges/systemd/stage.ts, twin.ts and
 * daemon.ts beside it.
 */
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Twin } from "../../src/core/probes/probe.ts";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { setStage, stageOf } from "../../src/engines/judges/systemd/stage.ts";
import { twinOf } from "../../src/engines/judges/systemd/twin.ts";

let box: Box;
beforeAll(async () => {
  box = await bootBox({ forAttacks: true });
});
afterAll(async () => {
  await box?.down();
});

async function statusOf(pid: number): Promise<string> {
  return (await box.run(["cat", `/proc/${pid}/status`])).stdout;
}

describe("a neighbour of the same user", () => {
  async function twin(uid: number, gid: number): Promise<Twin> {
    const found = await twinOf(box, { uid, gid });
    if (found === undefined) {
      throw new Error("there is none");
    }
    return found;
  }

  test.each([
    [0, 0],
    [33, 33],
    [65534, 42],
  ])("of %d:%d has these ids, no capability, and a place that only it may write", async (uid, gid) => {
    await stageOf(box);
    const { pid, place, process } = await twin(uid, gid);
    expect(process).toEqual({ uid, gid, relation: "neighbour", capabilities: [] });
    const status = await statusOf(pid);
    expect(status).toContain(`Uid:\t${uid}\t${uid}\t${uid}\t${uid}\n`);
    expect(status).toContain(`Gid:\t${gid}\t${gid}\t${gid}\t${gid}\n`);
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
      expect(status).toContain(`${set}:\t0000000000000000\n`);
    }
    const facts = await box.run(["stat", "-c", "%a %u %g", place]);
    expect(facts.stdout.trim()).toBe(`700 ${uid} ${gid}`);
    const inside = (path: string) => box.run(["test", "-w", `/proc/${pid}/root${path}`]);
    expect((await inside(place)).status).toBe(0);
    const mounts = await box.run(["cat", `/proc/${pid}/mounts`]);
    expect(mounts.stdout).toMatch(/ \/ \w+ ro[, ]/);
  });

  test("is another process each time, and a transient user has none", async () => {
    expect((await twin(33, 33)).pid).not.toBe((await twin(33, 33)).pid);
    expect(await twinOf(box, { uid: 61184, gid: 61184 })).toBeUndefined();
  });
});

test("a service's user namespace guards it from nobody who made it: root without capabilities goes in", async () => {
  const unit = ["[Service]", "PrivateUsers=yes", "ExecStart=/usr/bin/sleep infinity"];
  await box.writeFile("/run/systemd/system/apart.service", unit.join("\n"));
  await box.systemctl("daemon-reload");
  await box.systemctl("start", "apart.service");
  const pid = (await box.showProperties("apart.service", ["MainPID"])).get("MainPID");
  const bare = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"];
  const enters = (...as: readonly string[]) => box.run([...as, "ls", `/proc/${pid}/root/`]);
  expect((await enters(...bare)).status).toBe(0);
  expect((await enters(...bare, "unshare", "--user")).stderr).toContain("Permission denied");
});

test("a stage is set once, and not with another setting afterwards", async () => {
  const stage = await stageOf(box);
  expect(await setStage(box, { containers: undefined })).toBe(stage);
  expect(() => setStage(box, { containers: "/run/elsewhere" })).toThrow("set already");
});

describe("the daemons", () => {
  /** What one says to a process outside of the box, which is root to it. */
  function said(address: string): Promise<string> {
    return text(connect(`${box.root}${address}`));
  }

  const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

  /** What a client that is nobody in the box is told, or the error that it gets. */
  async function saidToNobody(address: string): Promise<string> {
    const client =
      "import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); print(s.recv(64).decode())";
    const result = await box.run([...asNobody, "python3", "-c", client, address]);
    return result.status === 0 ? result.stdout.trim() : (result.stderr.trim().split("\n").at(-1) ?? "");
  }

  test("one asks the kernel who is there, the other leaves that to its socket's mode", async () => {
    const { daemons, peers } = await stageOf(box);
    expect(await said(daemons.trusting)).toBe("obeyed\n");
    expect(await said(daemons.rootOnly)).toBe("obeyed\n");
    expect(await saidToNobody(daemons.trusting)).toBe("refused");
    expect(await saidToNobody(daemons.rootOnly)).toContain("PermissionError");
    const known = (address: string) => peers.find((peer) => peer.address === address);
    expect(known(daemons.trusting)).toMatchObject({ file: { mode: 0o666 }, trusts: [{ kind: "user", uid: 0 }] });
    expect(known(daemons.rootOnly)).toMatchObject({ file: { mode: 0o600 }, trusts: [{ kind: "anyone" }] });
  });
});
