/** SecureBits=. Facts: systemd.exec(5), capabilities(7) "The securebits flags". Read and judged; never proposed. */
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { setting } from "../../sandbox/origin.ts";
import { ignored, sameValue } from "../_scalar.ts";
import { type Directive, never } from "../directive.ts";

const FLAGS = [
  "keep-caps",
  "keep-caps-locked",
  "no-setuid-fixup",
  "no-setuid-fixup-locked",
  "noroot",
  "noroot-locked",
] as const;

/** In the order of the list above. */
type Bits = readonly (typeof FLAGS)[number][];

function unite(a: Bits, words: readonly string[]): Bits {
  return FLAGS.filter((flag) => a.includes(flag) || words.includes(flag));
}

/** What user id 0 is worth. */
export const secureBits: Directive<Bits> = {
  name: "SecureBits",
  since: 1,
  group: "privileges",
  summary: "Changes what being root means: with noroot, user id 0 gives no capability to the programs it runs.",
  breaks: "With noroot: everything that root may do beyond its own files; with keep-caps or no-setuid-fixup: nothing.",
  requires: [],
  ineffective: [
    "keep-caps and no-setuid-fixup take nothing away: they let capabilities outlive a change of user.",
    "Whoever has CAP_SETPCAP clears a bit that is not locked.",
  ],
  initial: [],
  fold: (assignments) => {
    let value: Bits = [];
    const diagnostics: Diagnostic[] = [];
    for (const assignment of assignments) {
      const words = assignment.value.split(/\s+/).filter((word) => word !== "");
      // Lines do not add up (measured with systemd 257), whatever a line has of words that systemd does not know.
      value = unite([], words);
      for (const word of words.filter((each) => !FLAGS.some((flag) => flag === each))) {
        diagnostics.push(ignored("SecureBits", { ...assignment, value: word }, `one of ${FLAGS.join(", ")}`));
      }
    }
    return { value, diagnostics };
  },
  print: (value, below) => (sameValue(value, below) ? [] : [value.join(" ")]),
  meet: unite,
  samples: ["noroot noroot-locked", "keep-caps"],
  walls: (value) =>
    value.length === 0 ? [] : [{ kind: "secure-bits", by: setting("SecureBits", value.join(" ")), bits: value }],
  ladder: never("Programs that start as root need its powers at least once; a bounding set leaves exactly those."),
};
