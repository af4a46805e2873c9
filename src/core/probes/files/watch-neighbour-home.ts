/** Asks to be told what is made and opened in another user's home; reading the directory is what that needs. Facts: inotify(7). */
import { call, number, pathNeed, resultOf, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

const IN_CLOEXEC = 0o2000000;
/** IN_OPEN and IN_CREATE. */
const EVENTS = 0x120;

/** The attack: watch another user's home. */
export const watchNeighbourHome: Probe = {
  id: "watch-neighbour-home",
  title: "watch what happens in another user's home",
  gain: "The names of files, and when they are used: also of those that are gone again at once.",
  goals: ["spy-or-stop"],
  steps: (machine) => {
    const { home } = machine.neighbour;
    return [
      step("instance", call("inotify_init1", number(IN_CLOEXEC))),
      step("watch", call("inotify_add_watch", resultOf("instance"), text(home), number(EVENTS)), [
        pathNeed(machine, home, "read"),
      ]),
    ];
  },
};
