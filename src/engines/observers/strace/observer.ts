/** Observes with strace: every call, from outside. */
import { straceReader } from "../../../core/trace/strace/reader.ts";
import { lacksRoot, type Observer } from "../observer.ts";
import { traceTree } from "./seize.ts";

/** The observer; `program` is the strace to run in place of the one in PATH. */
export function straceObserver(program = "strace"): Observer {
  return {
    name: "strace",
    tells: "calls",
    start: async ({ leader, trace }) => {
      const lack = lacksRoot();
      if (lack !== undefined) {
        return lack;
      }
      const reader = straceReader(trace);
      const tracer = await traceTree(leader, reader.line, program);
      if (tracer.kind === "lacks") {
        return tracer;
      }
      return {
        kind: "observing",
        settle: tracer.settle,
        phase: reader.phase,
        stop: async () => {
          await tracer.detach();
          return { observation: reader.finish(), own: reader.own };
        },
      };
    },
  };
}
