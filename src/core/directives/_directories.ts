/**
 * The directories that systemd makes for a unit. Facts: systemd.exec(5) "StateDirectory=" and "DynamicUser="; what is mounted
 * where: systemd's exec-invoke.c.
 */
import { setting } from "../sandbox/origin.ts";
import type { MountMode } from "../sandbox/wall.ts";
import { DIRECTORY_PARENTS, type DirectoryKind } from "../unit/places.ts";
import { KEEP, mountWall } from "./_mount.ts";
import type { Described } from "./_scalar.ts";
import { type WordList, wordsDirective } from "./_words.ts";
import type { Directive, PlainWall, UnitFacts } from "./directive.ts";

/** First systemd that reads `::ro`. */
const READ_ONLY_SINCE = 257;

/** A name below the parent; undefined for a word that systemd skips. */
function nameOf(word: string): string | undefined {
  const name = (word.split(":")[0] ?? "")
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
  const bad = name === "" || word.startsWith("/") || name.split("/").includes("..");
  return bad || name === "private" || name.startsWith("private/") ? undefined : name;
}

/** The paths of the directories below their parent. */
export function directoriesIn(parent: string, words: WordList): readonly string[] {
  return words.map((word) => `${parent}/${nameOf(word)}`);
}

/** From this version on systemd makes its links to private directories inside as well (systemd/systemd#20321). */
const LINKS_INSIDE_SINCE = 250;

/**
 * systemd binds a unit's directories from the host, so that they also show up in an empty file system laid over them. Those of a
 * dynamic user lie in private/, and what stands at their path is a link, which such a file system hides unless it is made there;
 * another root has no such link, so that there they are bound to that path.
 */
export function directoryMode(path: string, facts: UnitFacts): MountMode {
  const linked = /^\/var\/(?:lib|cache|log)\//.test(path) && facts.setting("DynamicUser") === "yes";
  const anotherRoot = (facts.setting("RootDirectory") ?? "/") !== "/";
  return linked && !anotherRoot && facts.systemd < LINKS_INSIDE_SINCE
    ? KEEP
    : { kind: "bind", source: path, readOnly: false };
}

/** What tells a directive of directories from another. */
interface Kind {
  readonly name: DirectoryKind;
  /** Whether a dynamic user's lie below `private`, where no other user comes. */
  readonly private: boolean;
}

function wallsOf({ name, private: isPrivate }: Kind, words: WordList, facts: UnitFacts): readonly PlainWall[] {
  const isReadOnly = (word: string) => facts.systemd >= READ_ONLY_SINCE && word.split(":")[2] === "ro";
  if (!facts.mountNamespace && !words.some(isReadOnly)) {
    return [];
  }
  const parent = DIRECTORY_PARENTS[name];
  const hidden = isPrivate && words.length > 0 && facts.setting("DynamicUser") === "yes";
  const by = setting(name, words.join(" "));
  const cover = mountWall(by, `-${parent}/private`, { kind: "empty", readOnly: true });
  return [
    ...(hidden ? [cover] : []),
    ...words.flatMap((word) => {
      const below = hidden ? ["", "private/"] : [""];
      return below.map((middle): PlainWall => {
        const source = `${parent}/${middle}${nameOf(word)}`;
        const mode =
          middle === "" ? directoryMode(source, facts) : ({ kind: "bind", source, readOnly: false } as const);
        const own = isReadOnly(word) && mode.kind === "bind" ? { ...mode, readOnly: true } : mode;
        return mountWall(setting(name, nameOf(word) ?? word), `-${source}`, own);
      });
    }),
  ];
}

/** A directive that names directories below one parent. */
export function directoriesDirective(
  own: Omit<Described<WordList>, "walls" | "group" | "requires" | "implies"> &
    Kind & { readonly samples: readonly string[] },
): Directive<WordList> {
  const { private: _, ...described } = own;
  return wordsDirective({
    ...described,
    group: "files",
    requires: [],
    keyOf: nameOf,
    expects: "a path without .. below its parent",
    valueSince: (words) =>
      Math.max(
        own.since,
        ...words.map((word) => (word.split(":").length > 2 ? READ_ONLY_SINCE : word.includes(":") ? 250 : own.since)),
      ),
    implies: (words) => (words.some((word) => word.split(":")[2] === "ro") ? ["PrivateMounts=yes"] : []),
    walls: (words, facts) => wallsOf(own, words, facts),
  });
}
