/**
 * Maps a file in memory, to which it has written, as code: the mapping itself is never writable, so that a ban on memory that is both
 * does not see it. Facts: memfd_create(2), mmap(2), PR_SET_MDWE in prctl(2).
 */
import { MEMFD_FLAGS } from "../../kernel/memory-flags.ts";
import { call, mapCode, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: map what one wrote as code. */
export const mapWrittenMemory: Probe = {
  id: "map-written-memory",
  title: "map a file in memory that it wrote as code",
  gain: "Machine code of the intruder's own, by two mappings where one is refused.",
  goals: ["own-program"],
  steps: () => [step("memory", call("memfd_create", text("x"), number(MEMFD_FLAGS.MFD_CLOEXEC))), ...mapCode("memory")],
};
