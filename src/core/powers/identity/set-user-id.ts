/** A set-user-ID program acts as its owner, and who runs it says what it works on. Facts: execve(2), credentials(7). */
import { runSetUserId } from "../../probes/identity/run-set-user-id.ts";
import { behind } from "../../sandbox/judge.ts";
import type { Power } from "../power.ts";

/** The power: act through set-user-ID programs. What is reckoned is the owner of the one that was run. */
export const setUserId: Power = {
  id: "set-user-id",
  title: "acts through a set-user-ID program",
  follows: "A flaw in any such program is its owner's identity; root owns most of them.",
  ways: [runSetUserId],
  gives: (sandbox, { neighbour }) => behind(sandbox, neighbour.process),
};
