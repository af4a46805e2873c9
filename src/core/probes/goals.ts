/**
 * What intruders want, each in words that whoever pays for the machine understands. An attack is a way to some of them, and says to
 * which; a goal is out of reach when none of its ways gets through, also not from where another way leads.
 */

/** A goal, by its name in documents. */
export type GoalName =
  | "take-over"
  | "come-back"
  | "become-another"
  | "read-secrets"
  | "change-data"
  | "spy-or-stop"
  | "switch-off"
  | "logs"
  | "move-on"
  | "cloud"
  | "kernel-code"
  | "own-program"
  | "use-up"
  | "pose";

/** The goals, the worst for the machine first, as each ends the sentence "an intruder in this service can …". */
export const GOALS: readonly { readonly goal: GoalName; readonly title: string }[] = [
  { goal: "take-over", title: "take the machine over" },
  { goal: "come-back", title: "come back after a restart" },
  { goal: "become-another", title: "become another user or service" },
  { goal: "read-secrets", title: "read others' secrets" },
  { goal: "change-data", title: "change others' data or programs" },
  { goal: "spy-or-stop", title: "spy on other processes, or stop them" },
  { goal: "switch-off", title: "switch the machine off, or hang it" },
  { goal: "logs", title: "forge or erase its logs" },
  { goal: "move-on", title: "reach other services and machines over the network" },
  { goal: "cloud", title: "get at the machine's credentials in its cloud" },
  { goal: "kernel-code", title: "reach the kernel's rarely used code" },
  { goal: "own-program", title: "run a program of their own" },
  { goal: "use-up", title: "use up memory, processors or disk" },
  { goal: "pose", title: "speak for the machine: its ports, name, packets or clock" },
];
