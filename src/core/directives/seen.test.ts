import { expect, test } from "vitest";
import type { Need, Seen } from "../action/action.ts";
import { inWords } from "./seen.ts";

function program(path: string, mode: number): Need {
  return { kind: "path", path, access: "execute", file: { type: "file", uid: 0, gid: 0, mode } };
}

const gain: Need = { kind: "gain", uid: 0 };
const ran: Seen = {
  action: {
    call: { abi: "x86_64", name: "execve", arguments: [] },
    needs: [
      program("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", 0o755),
      program("/usr/sbin/unix_chkpwd", 0o2755),
      gain,
    ],
  },
  result: "ok",
  phases: ["workload"],
  identities: [{ uid: 0, gid: 0 }],
  executables: ["/usr/sbin/vsftpd"],
  count: 1,
  hosts: [],
};

test("inWords: an execution is named by its program, not by the loader that it needs too", () => {
  expect(inWords(ran)).toBe("execve /usr/sbin/unix_chkpwd under the workload");
});

test("inWords: of several needs the one that is asked about is told", () => {
  expect(inWords(ran, gain)).toBe("ran /usr/sbin/unix_chkpwd with the privileges of that file under the workload");
  expect(inWords(ran, ran.action.needs[0])).toContain("ld-linux");
});
