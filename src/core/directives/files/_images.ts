/** Places whose content is in images or directories laid over each other. Facts: systemd.exec(5), systemd-sysext(8). */
import { setting } from "../../sandbox/origin.ts";
import { mountWall } from "../_mount.ts";
import { simplifyPath } from "../_path.ts";
import type { Described } from "../_scalar.ts";
import { type WordList, wordsDirective } from "../_words.ts";
import type { Directive, PlainWall } from "../directive.ts";

/** Where extensions of both kinds are laid over what is there. */
const EXTENDED = ["/usr", "-/opt", "/etc"];

interface Image {
  readonly source: string;
  readonly target: string | undefined;
}

function parse(word: string): Image | undefined {
  const [from = "", to] = word.replace(/^-/, "").split(":");
  const source = simplifyPath(from);
  return source === undefined ? undefined : { source, target: to === undefined ? undefined : simplifyPath(to) };
}

/** Images at places of their own, or extensions of the system's directories. */
export function imagesDirective(
  own: Omit<Described<WordList>, "walls" | "group" | "requires" | "implies"> & {
    readonly samples: readonly string[];
    readonly at: "own places" | "system";
  },
): Directive<WordList> {
  const { at, ...described } = own;
  const needsTarget = at === "own places";
  const placesOf = (word: string): readonly string[] => (needsTarget ? [parse(word)?.target ?? "/"] : EXTENDED);
  return wordsDirective({
    ...described,
    group: "files",
    evenPrivileged: true,
    requires: [],
    implies: (words) => (words.length === 0 ? [] : ["PrivateMounts=yes"]),
    keyOf: (word) =>
      parse(word) === undefined || (needsTarget && parse(word)?.target === undefined) ? undefined : word,
    expects: needsTarget ? "SOURCE:DESTINATION, both absolute" : "an absolute path",
    walls: (words) =>
      words.flatMap((word): readonly PlainWall[] =>
        placesOf(word).map((path) => mountWall(setting(own.name, word), path, { kind: "unseen" })),
      ),
  });
}
