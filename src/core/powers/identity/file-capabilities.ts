/**
 * A program with file capabilities has them whoever runs it, as far as its bounding set goes, unless no_new_privs says otherwise: who may
 * give a file capabilities has them all. Facts: capabilities(7) "File capabilities".
 */
import { CAPABILITIES } from "../../kernel/capability.ts";
import { plantFileCapability } from "../../probes/files/plant-file-capability.ts";
import { credentialsOf } from "../../sandbox/credentials.ts";
import type { Sandbox } from "../../sandbox/wall.ts";
import type { Power } from "../power.ts";

function withAll(sandbox: Sandbox): Sandbox {
  if (sandbox.walls.some(({ kind }) => kind === "no-new-privileges")) {
    return sandbox;
  }
  // Not a wall but a door, so that nothing is ever said to be stopped by it.
  const by = { kind: "service", uid: credentialsOf(sandbox.walls).uid } as const;
  return { walls: [...sandbox.walls, { kind: "ambient", by, capabilities: CAPABILITIES }] };
}

/** The power: give one's own programs capabilities. */
export const fileCapabilities: Power = {
  id: "file-capabilities",
  title: "gives its own programs capabilities",
  follows: "Every capability of the bounding set is the intruder's, also without being root.",
  ways: [plantFileCapability],
  gives: withAll,
};
