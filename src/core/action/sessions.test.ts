import { expect, test } from "vitest";
import type { Access, Observation, Seen } from "./action.ts";
import { sessionSigns, sessionText } from "./sessions.ts";

function seen(name: "openat" | "execve", path: string, access: Access, uid = 0, result: Seen["result"] = "ok"): Seen {
  return {
    action: { call: { abi: "x86_64", name, arguments: [] }, needs: [{ kind: "path", path, access }] },
    result,
    phases: ["workload"],
    identities: [{ uid, gid: uid }],
    executables: ["/usr/sbin/daemon"],
    count: 1,
    hosts: [],
  };
}

function kinds(own: number, ...all: readonly Seen[]): readonly string[] {
  const observation: Observation = {
    schema: "cloison.observation/2",
    unit: "daemon.service",
    seen: all,
    gaps: [],
    phases: ["start", "workload"],
  };
  return sessionSigns(observation, own).map(({ kind }) => kind);
}

const pam = seen("openat", "/etc/pam.d/daemon", "read");
const terminal = seen("openat", "/dev/ptmx", "write");
const shell = seen("execve", "/bin/bash", "execute", 1000);

test("sessionSigns: who logs in is enough, also where that was refused", () => {
  expect(kinds(0, seen("openat", "/proc/self/loginuid", "write"))).toEqual(["login"]);
  expect(kinds(0, seen("openat", "/proc/self/loginuid", "write", 0, "EPERM"))).toEqual(["login"]);
  expect(kinds(0, seen("openat", "/proc/self/loginuid", "read"))).toEqual([]);
});

test("sessionSigns: of the others it takes two", () => {
  expect(kinds(0, pam, seen("openat", "/usr/lib/x86_64-linux-gnu/security/pam_unix.so", "read"))).toEqual([]);
  expect(kinds(0, terminal)).toEqual([]);
  expect(kinds(0, shell, shell)).toEqual([]);
  expect(kinds(0, pam, terminal)).toEqual(["authentication", "terminal"]);
  expect(kinds(0, pam, shell)).toEqual(["authentication", "person"]);
  expect(kinds(0, terminal, shell)).toEqual(["terminal", "person"]);
});

test("sessionSigns: a service that runs as a person is at home, and daemons' accounts are nobody's", () => {
  expect(kinds(1000, pam, shell)).toEqual([]);
  expect(kinds(0, pam, seen("execve", "/usr/bin/php", "execute", 33))).toEqual([]);
  expect(kinds(0, pam, seen("openat", "/home/ann/.profile", "read", 1000))).toEqual([]);
});

test("sessionText: names each sign", () => {
  expect(sessionText([])).toBeUndefined();
  expect(sessionText([{ kind: "terminal", words: "opens terminals" }])).toMatch(
    /^it opens sessions .*: it opens terminals;/,
  );
});
