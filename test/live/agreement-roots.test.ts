/**
 * The model against the systemd of Debian's other releases: the values whose meaning changed between them, and a sample of all units
 * and of mixtures that is another one each day (`npm run agreement` asks all). Tests src/engines/judges/table.ts.
 */
import { describe, expect, test } from "vitest";
import { type Case, sampledCases } from "../../src/core/verdict/cases.ts";
import { describeCell, tableOn } from "../../src/engines/judges/table.ts";
import { prepare } from "../../tools/setup/prepare.mjs";

const { roots } = prepare({ want: ["roots"], say: () => {} });

/** What the table found to mean something else on one of them: docs/versions.md. */
const CHANGED: readonly Case[] = [
  { beside: [], directive: "ProtectHome", value: "tmpfs" },
  { beside: ["User=nobody"], directive: "ProtectHome", value: "tmpfs" },
  { beside: [], directive: "ProtectClock", value: "yes" },
  { beside: ["User=nobody"], directive: "ProtectHostname", value: "yes" },
  { beside: ["User=nobody"], directive: "ProtectClock", value: "yes" },
  { beside: ["TemporaryFileSystem=/var"], directive: "DynamicUser", value: "yes" },
  { beside: ["User=nobody", "UMask=0027"], directive: "TemporaryFileSystem", value: "/var" },
  { beside: ["DelegateNamespaces=mnt net"], directive: "ProcSubset", value: "pid" },
  { beside: ["DelegateNamespaces=mnt net", "User=nobody"], directive: "ProtectProc", value: "invisible" },
  { beside: ["DelegateNamespaces=mnt net"], directive: "ProtectControlGroups", value: "strict" },
  { beside: ["NoExecPaths=/", "ExecPaths=/usr"], directive: "PrivateBPF", value: "yes" },
  { beside: [], directive: "NoExecPaths", value: "/" },
  { beside: ["PrivateNetwork=yes"], directive: "ProtectHostname", value: "yes" },
  { beside: [], directive: "RestrictRealtime", value: "yes" },
  { beside: [], directive: "RestrictSUIDSGID", value: "yes" },
  { beside: [], directive: "SystemCallFilter", value: "~@mount" },
  { beside: [], directive: "SystemCallFilter", value: "@system-service" },
  { beside: ["ProcSubset=pid", "ProtectKernelTunables=yes"], directive: "ProtectHostname", value: "yes" },
  {
    beside: ["PrivateNetwork=yes", "User=nobody", "ReadOnlyPaths=/etc"],
    directive: "PrivateIPC",
    value: "yes",
    prefix: "+",
  },
];

const day = Math.floor(Date.now() / (24 * 3600 * 1000));
const seed = Number(process.env.AGREEMENT_SEED ?? day);

describe.each([
  ["bullseye", 247],
  ["bookworm", 252],
  ["trixie", 257],
  ["sid", 262],
])("on the root of Debian %s", (suite, version) => {
  test(`the model agrees with systemd (AGREEMENT_SEED=${seed})`, async () => {
    const { systemd, cells } = await tableOn(roots[suite], [...CHANGED, ...sampledCases(8, seed + version)]);
    expect(systemd).toBe(version);
    expect(cells.filter(({ status }) => status === "disagree").map(describeCell)).toEqual([]);
    expect(cells.length).toBeGreaterThan(20 * 100);
    // A unit that systemd cannot start shows nothing, and among these there may be a few.
    expect(cells.filter(({ status }) => status === "agree").length / cells.length).toBeGreaterThan(0.7);
  });
});
