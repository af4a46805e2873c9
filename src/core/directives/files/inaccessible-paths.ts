/** InaccessiblePaths=. Facts: systemd.exec(5); which mode wins where paths meet, measured on systemd 257. */
import { ON_A_FILE, type PathList, pathDirective } from "../_paths.ts";
import { sameValue } from "../_scalar.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { foreignPeers } from "./_foreign-peers.ts";
import { foreignSecrets, leftSecrets } from "./_secrets.ts";
import { optionalEntries } from "./_writes.ts";

/** Root is shut out of places that it was not seen to use; if that goes too far, of those alone that hold secrets now. */
function candidates(situation: Situation): readonly Candidate<PathList>[] {
  const peers = foreignPeers(situation);
  const ladder = [true, false].map((whole): Candidate<PathList> => {
    const secrets = foreignSecrets(situation, { whole });
    const reasons = [
      ...(secrets.length === 0 ? [] : ["runs as root and was not seen to use these secrets and places of others"]),
      ...(peers.length === 0 ? [] : [`was not seen to talk to those who obey root in ${peers.join(", ")}`]),
    ];
    return { value: optionalEntries([...secrets, ...peers]), reason: reasons.join("; ") };
  });
  const [first, second] = ladder.filter(({ value }) => value.length > 0);
  const tried = [first, sameValue(first?.value, second?.value) ? undefined : second];
  return [...withheldSecrets(situation), ...tried.filter((each) => each !== undefined)];
}

/** The known secrets that stay in reach, and why. */
function withheldSecrets(situation: Situation): readonly Candidate<PathList>[] {
  const left = leftSecrets(situation);
  const withheld =
    situation.unit.uid === 0
      ? `It was seen to use something in ${left.join(", ")}.`
      : "It does not run as root, and their modes keep it from them.";
  return left.length === 0 ? [] : [{ value: optionalEntries(left), reason: "hides secrets", withheld }];
}

/** The place that would have to be hidden to hide a path: of /var and /usr the directory below. */
function placeOf(path: string): string {
  const [, first = "", second = ""] = path.split("/");
  return ["usr", "var"].includes(first) ? `/${first}/${second}` : `/${first}`;
}

/** Places that the service has no business with. */
export const inaccessiblePaths: Directive<PathList> = pathDirective({
  name: "InaccessiblePaths",
  since: 231,
  group: "files",
  summary: "Hides these paths from the service.",
  breaks: "Whatever reads there, also a library that merely looks.",
  implies: (value) => (value.length === 0 ? [] : ["PrivateMounts=yes"]),
  requires: [],
  ineffective: [
    "Root with CAP_DAC_OVERRIDE opens the empty file that stands there; its bytes are gone all the same.",
    ON_A_FILE,
  ],
  mode: { kind: "inaccessible" },
  ladder: candidates,
  samples: ["/srv", "-/etc/shadow"],
  narrowedTo: (actions) => [
    ...new Set(
      actions.flatMap(({ needs }) => needs.flatMap((need) => (need.kind === "path" ? [placeOf(need.path)] : []))),
    ),
  ],
});
