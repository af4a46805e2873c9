/** Another user's identity, behind the same walls. Facts: setresuid(2). */
import { becomeNeighbour } from "../../probes/identity/become-neighbour.ts";
import { behind } from "../../sandbox/judge.ts";
import type { Power } from "../power.ts";

/** The power: take on another user's identity. */
export const takeIdentity: Power = {
  id: "take-identity",
  title: "acts as another user",
  follows: "Files and processes of that user are the intruder's own.",
  ways: [becomeNeighbour],
  gives: (sandbox, { neighbour }) => behind(sandbox, neighbour.process),
};
