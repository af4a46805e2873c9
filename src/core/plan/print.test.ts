import { expect, test } from "vitest";
import type { Plan } from "./operation.ts";
import { printPlan } from "./print.ts";

const number = (value: bigint) => ({ kind: "number", value }) as const;

const plan: Plan = {
  operations: [
    {
      kind: "call",
      name: "namespaces",
      call: { abi: "x86_64", name: "unshare", arguments: [number(0x2_0000n)] },
      onError: "stop",
    },
    {
      kind: "child",
      name: "inside",
      operations: [
        {
          kind: "call",
          name: "log",
          call: {
            abi: "x86_64",
            name: "openat",
            arguments: [number(BigInt.asUintN(64, -100n)), { kind: "text", text: 'a"\\\n\u001b[31mé€' }, number(1n)],
          },
          onError: "record",
        },
        {
          kind: "call",
          name: "said",
          call: {
            abi: "i386",
            name: "writev",
            arguments: [
              { kind: "result", of: "log" },
              { kind: "pointers", to: [{ kind: "bytes", bytes: [1, 2] }, number(2n)] },
              { kind: "room", size: 8 },
              { kind: "room", size: 4, name: "left" },
              { kind: "unknown" },
            ],
          },
          onError: "stop",
        },
      ],
      onError: "stop",
    },
    { kind: "spawn", name: "service", path: "/usr/bin/app", argv: ["app", "--serve"], onError: "stop" },
  ],
};

test("printPlan numbers every operation and lets no text forge a line", async () => {
  await expect(printPlan(plan, "x86_64")).toMatchFileSnapshot("print.golden.txt");
});
