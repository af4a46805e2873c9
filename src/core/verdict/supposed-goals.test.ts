import { expect, test } from "vitest";
import { attacksOn } from "../probes/attack.ts";
import { probes } from "../probes/catalogue.ts";
import { ordinaryMachine as machine } from "../probes/ordinary-machine.ts";
import { setting } from "../sandbox/origin.ts";
import type { Wall } from "../sandbox/wall.ts";
import { supposedGoals } from "./supposed-goals.ts";

const { attacks } = attacksOn(machine, probes);
const around = { attacks, machine, surroundings: { peers: machine.peers } };
const stateOf = (goal: string, walls: readonly Wall[]) =>
  supposedGoals("33:33 (web)", { walls }, around).find((each) => each.goal === goal);

test("supposedGoals: root without a capability takes the machine over by PID 1, another user does not", () => {
  const none: Wall = { kind: "bounding", by: setting("CapabilityBoundingSet", ""), keep: [] };
  const user: Wall = { kind: "identity", by: setting("User", "web"), uid: 33, gid: 33, groups: [] };
  const noNew: Wall = { kind: "no-new-privileges", by: setting("NoNewPrivileges", "yes") };
  expect(stateOf("take-over", [none])?.state).toBe("open");
  expect(stateOf("take-over", [none])?.ways.map(({ way }) => way)).toContain("ask-manager");
  const left = ["take-over", "switch-off"].map((goal) => stateOf(goal, [user, none, noNew])?.state);
  expect(left).toEqual(["closed", "closed"]);
});
