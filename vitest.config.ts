import { defineConfig } from "vitest/config";

/**
 * Six projects: `unit` is fast, needs no privilege and runs beside the sources; `live` needs root and a kernel, boots
 * real systemds, three files at a time: each waits more than it computes; `alone` compares the state of the whole machine,
 * so nothing may run beside it. The gate leaves out `vm`, which boots virtual machines, `release`, which hardens the samples on
 * another release of Debian, and `own-user`, which gives eight daemons users of their own.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "test/property/**/*.test.ts", "test/samples/**/*.test.ts"],
          isolate: false,
          maxWorkers: 2,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "live",
          include: ["test/live/**/*.test.ts"],
          // Else each file reads and compiles all sources anew.
          isolate: false,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          // Deadlines, not waits: whatever is waited for is looked at often, and a busy machine takes several times as long.
          testTimeout: 300_000,
          hookTimeout: 300_000,
          expect: { poll: { timeout: 60_000, interval: 50 } },
        },
      },
      {
        test: {
          name: "alone",
          include: ["test/alone/**/*.test.ts"],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: "vm",
          include: ["test/vm/**/*.test.ts"],
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
          testTimeout: 3_600_000,
          hookTimeout: 3_600_000,
        },
      },
      {
        test: {
          name: "release",
          include: ["test/release/**/*.test.ts"],
          maxWorkers: 1,
          sequence: { groupOrder: 4 },
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: "own-user",
          include: ["test/own-user/**/*.test.ts"],
          maxWorkers: 1,
          sequence: { groupOrder: 5 },
          testTimeout: 1_200_000,
          hookTimeout: 1_200_000,
        },
      },
    ],
  },
});
