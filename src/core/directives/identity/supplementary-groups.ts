/** SupplementaryGroups=. Facts: systemd.exec(5). */
import { setting } from "../../sandbox/origin.ts";
import { splitWords } from "../../unit/words.ts";
import { sameValue } from "../_scalar.ts";
import { type Directive, never } from "../directive.ts";
import { dynamicUser } from "./dynamic-user.ts";
import { group } from "./group.ts";
import { user } from "./user.ts";

type Groups = readonly string[];

function add(groups: Groups, text: string): Groups {
  return text === "" ? [] : [...new Set([...groups, ...splitWords(text, "list").words])].sort();
}

/** A door: more groups, and so more files. */
export const supplementaryGroups: Directive<Groups> = {
  name: "SupplementaryGroups",
  since: 1,
  group: "identity",
  summary: "Gives the service the rights of further groups.",
  breaks: "Nothing; without it files of those groups are closed to the service.",
  weight: 200,
  requires: [],
  ineffective: [],
  initial: [],
  fold: (assignments) => ({
    value: assignments.reduce<Groups>((groups, { value }) => add(groups, value.trim()), []),
    diagnostics: [],
  }),
  print: (value, below) => {
    if (sameValue(value, below)) {
      return [];
    }
    const line = value.join(" ");
    return below.length === 0 || value.length === 0 ? [line] : ["", line];
  },
  meet: (a, b) => (a.length === 0 || b.length === 0 ? [] : a.filter((each) => b.includes(each))),
  samples: ["adm"],
  walls: (value, facts) =>
    value.length === 0 || facts.valueOf(user) !== "" || facts.valueOf(group) !== "" || facts.valueOf(dynamicUser)
      ? []
      : [
          {
            kind: "identity",
            by: setting("SupplementaryGroups", value.join(" ")),
            uid: facts.uid,
            gid: facts.gid,
            groups: facts.groups,
          },
        ],
  ladder: never("It only gives; which groups a user is in is for an administrator to say."),
};
