/**
 * Maps a file in memory, to which it has written, as code: the mapping itself is never writable, so that a ban on memory that is both
 * does not see it. Facts: memfd_create(2), mmap(2), PR_SET_MDWE in prctl(2).
 */
import { MAP_FLAGS, PROT_FLAGS } from "../../kernel/memory-flags.ts";
import { bytes, call, number, resultOf, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

const MFD_CLOEXEC = 1;
/** ret */
const CODE = [0xc3];

/** The attack: map what one wrote as code. */
export const mapWrittenMemory: Probe = {
  id: "map-written-memory",
  title: "map a file in memory that it wrote as code",
  gain: "Machine code of the intruder's own, by two mappings where one is refused.",
  goals: ["own-program"],
  steps: () => {
    const protection = PROT_FLAGS.PROT_READ | PROT_FLAGS.PROT_EXEC;
    return [
      step("memory", call("memfd_create", text("x"), number(MFD_CLOEXEC))),
      step("write", call("write", resultOf("memory"), bytes(CODE), number(CODE.length)), [], {
        atLeast: CODE.length,
      }),
      step(
        "map",
        call(
          "mmap",
          number(0),
          number(4096),
          number(protection),
          number(MAP_FLAGS.MAP_PRIVATE),
          resultOf("memory"),
          number(0),
        ),
        [{ kind: "memory", operation: "map", writable: false, executable: true }],
      ),
    ];
  },
};
