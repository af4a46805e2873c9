import { defineConfig } from "vitest/config";

/**
 * Three projects: `unit` is fast, needs no privilege and runs beside the sources; `live` needs root and a kernel, boots
 * real systemds, three files at a time: each waits more than it computes; `alone` compares the state of the whole machine,
 * so nothing may run beside it.
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
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          // Some time-outs of real services do not hold on a busy machine yet; one more try tells that from a defect.
          retry: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
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
    ],
  },
});
