/**
 * Truncates the service's own code to the length that it has, which changes nothing. Opening a running program for writing
 * would answer ETXTBSY before the mount is asked; truncate(2) asks the mount first (vfs_truncate in fs/open.c).
 */
import { call, number, openStep, pathNeed, resultOf, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

const SEEK_END = 2;

/** The attack: rewrite the service's own code. */
export const rewriteOwnCode: Probe = {
  id: "rewrite-own-code",
  title: "rewrite the service's own code",
  gain: "A back door that survives every restart.",
  goals: ["come-back"],
  steps: (machine) => {
    const { code } = machine.unit;
    if (machine.file(code) === undefined) {
      return { notApplicable: `there is no ${code}` };
    }
    return [
      openStep(machine, code, "read"),
      step("size", call("lseek", resultOf("open"), number(0), number(SEEK_END))),
      step("truncate", call("truncate", text(code), resultOf("size")), [pathNeed(machine, code, "write")], {
        past: ["ETXTBSY"],
      }),
    ];
  },
};
