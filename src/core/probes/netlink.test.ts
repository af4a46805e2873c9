/** What is asked by netlink, byte by byte, and by which answers that is told. Tests src/core/probes/netlink.ts. */
import { expect, test } from "vitest";
import { getsThrough } from "../verdict/observed.ts";
import { forgeAudit } from "./logs/forge-audit.ts";
import { changePacketFilter } from "./network/change-packet-filter.ts";
import { changeRoutes } from "./network/change-routes.ts";
import { ordinaryMachine } from "./ordinary-machine.ts";
import type { Probe, Step } from "./probe.ts";

function stepsOf(probe: Probe): readonly Step[] {
  const steps = probe.steps(ordinaryMachine);
  return "notApplicable" in steps ? [] : steps;
}

function askedBy(probe: Probe): readonly number[] {
  const argument = stepsOf(probe).find(({ name }) => name === "ask")?.action.call.arguments[1];
  return argument?.kind === "bytes" ? argument.bytes : [];
}

/** nlmsghdr: length, type, flags (NLM_F_REQUEST and NLM_F_ACK), sequence, address of the sender. */
const SEQUENCE = [0x69, 0x6f, 0x6c, 0x43];

test.each([
  ["a message of the audit log without a character", forgeAudit, [16, 0, 0, 0, 0xed, 3, 5, 0, ...SEQUENCE, 0, 0, 0, 0]],
  [
    "a message that is too short for netfilter",
    changePacketFilter,
    [16, 0, 0, 0, 18, 0, 5, 0, ...SEQUENCE, 0, 0, 0, 0],
  ],
  [
    "the removal of a route to 192.0.2.1 that there is not",
    changeRoutes,
    [
      ...[36, 0, 0, 0, 25, 0, 5, 0, ...SEQUENCE, 0, 0, 0, 0],
      ...[2, 32, 0, 0, 254, 0, 0, 0, 0, 0, 0, 0],
      ...[8, 0, 1, 0, 192, 0, 2, 1],
    ],
  ],
])("the kernel is asked for nothing that it does: %s", (_, probe, message) => {
  expect(askedBy(probe)).toEqual(message);
});

test("the kernel's answer repeats the header behind its error, and a refusal is not getting through", () => {
  const read = stepsOf(changeRoutes).at(-1);
  const said = read?.answers?.map(({ means, bytes }) => [means, bytes.slice(0, 4)]);
  expect(said).toEqual([
    ["EPERM", [0xff, 0xff, 0xff, 0xff]],
    ["ECONNREFUSED", [0x91, 0xff, 0xff, 0xff]],
    ["ESRCH", [0xfd, 0xff, 0xff, 0xff]],
    ["it has done so", [0, 0, 0, 0]],
  ]);
  expect(read?.answers?.[0]?.bytes.slice(4)).toEqual([36, 0, 0, 0, 25, 0, 5, 0, ...SEQUENCE]);
  expect([-11n, 0n, 1n, 2n, 3n, 4n].map((value) => read !== undefined && getsThrough(read, value))).toEqual([
    ...[false, false, false, false, true, true],
  ]);
});

test("a protocol that the kernel lacks is not asked for: it would load a module", () => {
  const bare = { ...ordinaryMachine, netlink: [0] };
  expect(forgeAudit.steps(bare)).toEqual({ notApplicable: "nobody in this kernel listens to netlink's audit" });
});
