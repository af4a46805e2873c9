/**
 * The normal form in which a setting of a unit file and the D-Bus property that systemd made of it are compared.
 *
 * by key   Exec*          program, argv (specifiers expanded), flags in systemd's words, sorted
 *          Environment    NAME=value, a later one in place of an earlier
 *          *Mode, UMask   octal → number;  capabilities → mask;  RestrictNamespaces → mask;  SystemCallErrorNumber → number
 *          (bas)          allow list or deny list and the sorted members, sets of calls expanded, "@default" in an allow list
 *                         calls that no table of ours has are left out on both sides (systemd keeps what its libseccomp knows)
 *          IPAddress*     family, bytes, prefix length, sorted
 *          Bind*Paths     source, target, whether a missing source is ignored, recursive (16384 = MS_REC)
 *          SocketBind*    family, protocol, number of ports, first port
 *          DeviceAllow, CapabilityBoundingSet   with what ProtectClock, PrivateDevices … imply
 * by type  b              1 yes y true t on → true, 0 no n false f off → false
 *          s              text, specifiers expanded; booleans of an enumeration as yes and no
 *          as             words, specifiers expanded; sets are sorted; a path without a slash at its end
 * special  WorkingDirectory=-x is "!x" on the bus; PrivateTmp=yes is "connected", PrivateUsers=yes "self"; of ImportCredential=a:b only a
 *
 * Keys in `Ex` on the bus (PrivateTmpEx …) hold the text of which the plain one is the boolean.
 */
import { isIPv4 } from "node:net";
import { addressFamilyNumber } from "../../src/core/kernel/address-family.ts";
import { CAPABILITIES, type Capability, capabilityMask, isCapability } from "../../src/core/kernel/capability.ts";
import { errnoNumber } from "../../src/core/kernel/errno.ts";
import { isNamespaceKind, NAMESPACE_FLAGS } from "../../src/core/kernel/namespace.ts";
import { expandGroup } from "../../src/core/kernel/syscalls/groups.ts";
import { isSyscallName } from "../../src/core/kernel/syscalls/syscall.ts";
import { commandsOf } from "../../src/core/unit/check.ts";
import { expandSpecifiers, type SpecifierContext } from "../../src/core/unit/specifier.ts";
import { assignments, listOf, sinceReset, type Unit } from "../../src/core/unit/unit.ts";
import { nextWord, splitWords } from "../../src/core/unit/words.ts";

/** A property as `busctl --json` gives it. */
export interface Property {
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: D-Bus values of any type
  readonly data: any;
}

/** What is compared: ours as read from the files, theirs as systemd has it. Undefined: this kind of value is not compared. */
export type Compared = { readonly ours: unknown; readonly theirs: unknown } | undefined;

const TRUE = /^(1|yes|y|true|t|on)$/i;
const FALSE = /^(0|no|n|false|f|off)$/i;
/** Lists whose order has no meaning and which systemd sorts or keeps as a set. */
const SETS = /^(SystemCallArchitectures|(Runtime|State|Cache|Logs|Configuration)Directory)$/;
/** Directives whose D-Bus text is in the property of this name. */
const TEXT_PROPERTY: Readonly<Record<string, string>> = {
  PrivateTmp: "PrivateTmpEx",
  PrivateUsers: "PrivateUsersEx",
  ProtectControlGroups: "ProtectControlGroupsEx",
};

/** Merges lines with `~`, as all of systemd's sets with an inverse do: the first line decides, later ones add or take away. */
function inverseSet(values: readonly string[], expand: (word: string) => readonly string[]) {
  let allow: boolean | undefined;
  let members = new Set<string>();
  for (const value of values) {
    if (value === "") {
      allow = undefined;
      members = new Set();
      continue;
    }
    const invert = value.startsWith("~");
    const words = splitWords(invert ? value.slice(1) : value, "list").words.flatMap(expand);
    if (allow === undefined) {
      allow = !invert;
    }
    const adding = allow === !invert;
    for (const word of words) {
      if (adding) {
        members.add(word);
      } else {
        members.delete(word);
      }
    }
  }
  return { allow: allow ?? false, members: [...members].sort() };
}

function capabilities(values: readonly string[], initial: bigint): bigint {
  const all = capabilityMask(CAPABILITIES);
  let mask: bigint | undefined;
  for (const value of values) {
    const invert = value.startsWith("~");
    const names = splitWords(invert ? value.slice(1) : value, "list").words.map((word) => word.toUpperCase());
    const set = capabilityMask(names.filter(isCapability));
    if (value === "") {
      mask = 0n;
    } else if (mask === undefined || (mask === 0n && !invert)) {
      mask = invert ? all & ~set : set;
    } else {
      mask = invert ? mask & ~set : mask | set;
    }
  }
  return mask ?? initial;
}

/** What other directives take from the bounding set, which systemd has in its property already. */
const IMPLIED_DROPS: Readonly<Record<string, readonly Capability[]>> = {
  PrivateDevices: ["CAP_MKNOD", "CAP_SYS_RAWIO"],
  ProtectKernelModules: ["CAP_SYS_MODULE"],
  ProtectKernelLogs: ["CAP_SYSLOG"],
  ProtectClock: ["CAP_SYS_TIME", "CAP_WAKE_ALARM"],
};

function isOn(unit: Unit, key: string): boolean {
  return TRUE.test(assignments(unit, "Service", key).at(-1)?.value ?? "");
}

function boundingSet(unit: Unit, values: readonly string[]): bigint {
  const implied = Object.entries(IMPLIED_DROPS).flatMap(([key, dropped]) => (isOn(unit, key) ? dropped : []));
  return capabilities(values, capabilityMask(CAPABILITIES)) & ~capabilityMask(implied);
}

function namespaces(values: readonly string[]): number {
  const all = Object.values(NAMESPACE_FLAGS).reduce((a, b) => a | b, 0) & ~NAMESPACE_FLAGS.time;
  let mask: number | undefined;
  for (const value of values) {
    if (value === "") {
      mask = undefined;
    } else if (TRUE.test(value)) {
      mask = 0;
    } else if (FALSE.test(value)) {
      mask = all;
    } else {
      const invert = value.startsWith("~");
      const words = splitWords(invert ? value.slice(1) : value).words.filter(isNamespaceKind);
      const set = words.reduce((flags, kind) => flags | NAMESPACE_FLAGS[kind], 0);
      if (mask === undefined) {
        mask = invert ? all & ~set : set;
      } else {
        mask = invert ? mask & ~set : mask | set;
      }
    }
  }
  return mask ?? all;
}

const NAMED_PREFIXES: Readonly<Record<string, readonly string[]>> = {
  any: ["0.0.0.0/0", "::/0"],
  localhost: ["127.0.0.0/8", "::1/128"],
  "link-local": ["169.254.0.0/16", "fe80::/64"],
  multicast: ["224.0.0.0/4", "ff00::/8"],
};

function addressBytes(address: string): readonly number[] {
  if (isIPv4(address)) {
    return address.split(".").map(Number);
  }
  const [head = "", tail] = address.split("::");
  const parts = (text: string) => (text === "" ? [] : text.split(":").map((part) => Number.parseInt(part, 16)));
  const left = parts(head);
  const right = tail === undefined ? [] : parts(tail);
  const middle = new Array(8 - left.length - right.length).fill(0);
  return [...left, ...middle, ...right].flatMap((part) => [part >> 8, part & 0xff]);
}

function prefixes(words: readonly string[]): readonly string[] {
  const all = words.flatMap((word) => NAMED_PREFIXES[word] ?? [word]);
  const normal = all.map((word) => {
    const [address = "", length] = word.split("/");
    const bytes = addressBytes(address);
    return JSON.stringify([bytes.length === 4 ? 2 : 10, bytes, Number(length ?? bytes.length * 8)]);
  });
  return [...new Set(normal)].sort();
}

function binds(values: readonly string[], context: SpecifierContext): readonly unknown[] {
  const found: unknown[] = [];
  for (const value of values.slice(values.lastIndexOf("") + 1)) {
    for (let at = 0; at < value.length; ) {
      const parts: string[] = [];
      let more = true;
      while (more) {
        const read = nextWord(value, at, "list", ": \t");
        parts.push(expandSpecifiers(read.word ?? "", context).text);
        more = value.slice(at, read.next).trimEnd().endsWith(":");
        at = read.next;
      }
      const [source = "", target, option] = parts;
      const path = source.replace(/^-/, "");
      found.push([path, target ?? path, source.startsWith("-"), option === "norbind" ? 0 : 16384]);
    }
  }
  return found;
}

/** `[family:][protocol:]port`, `first-last` or `any`. */
function socketBind(value: string): readonly number[] {
  const words = value.split(":");
  const ports = words.at(-1) ?? "";
  const family = words.includes("ipv4") ? 2 : words.includes("ipv6") ? 10 : 0;
  const protocol = words.includes("tcp") ? 6 : words.includes("udp") ? 17 : 0;
  if (ports === "any") {
    return [family, protocol, 0, 0];
  }
  const [first = 0, last = first] = ports.split("-").map(Number);
  return [family, protocol, last - first + 1, first];
}

function environment(unit: Unit): readonly string[] {
  const items = listOf(unit, "Service", "Environment", "command").items.map((item) => item.value);
  return [...new Map(items.map((item) => [item.split("=")[0], item])).values()].sort();
}

const FLAGS = { full: "privileged", "no-identity": "no-setuid", ambient: "ambient", sandboxed: "" } as const;

function commands(unit: Unit, key: string, context: SpecifierContext): readonly unknown[] {
  return commandsOf(unit)
    .commands.filter((command) => command.key === key)
    .map((command) => {
      const flags = [
        command.ignoreFailure ? "ignore-failure" : "",
        command.literalDollar ? "no-env-expand" : "",
        FLAGS[command.privilege],
      ];
      const expand = (text: string) => expandSpecifiers(text, context).text;
      return [expand(command.path), command.argv.map(expand), flags.filter((flag) => flag !== "").sort()];
    });
}

function byKey(unit: Unit, key: string, context: SpecifierContext, theirs: Property): Compared {
  const values = assignments(unit, "Service", key).map((each) => each.value);
  const words = () => listOf(unit, "Service", key).items.map((item) => item.value);
  switch (key) {
    case "Environment":
      return { ours: environment(unit), theirs: [...theirs.data].sort() };
    case "CapabilityBoundingSet":
    case "AmbientCapabilities": {
      const ours = key === "AmbientCapabilities" ? capabilities(values, 0n) : boundingSet(unit, values);
      return { ours: ours.toString(), theirs: (BigInt(theirs.data) & capabilityMask(CAPABILITIES)).toString() };
    }
    case "RestrictNamespaces":
      return { ours: namespaces(values), theirs: theirs.data };
    case "SystemCallErrorNumber":
      return { ours: errnoNumber(values.at(-1) ?? "") ?? 0, theirs: theirs.data };
    case "RestrictAddressFamilies": {
      const none = values.at(-1) === "none";
      const set = inverseSet(none ? [] : values, (word) => (addressFamilyNumber(word) === undefined ? [] : [word]));
      return { ours: [none || set.allow, set.members], theirs: [theirs.data[0], [...theirs.data[1]].sort()] };
    }
    case "SystemCallFilter": {
      const set = inverseSet(values, (word) => (word.startsWith("@") ? expandGroup(word) : [word]));
      const members = new Set([...set.members, ...(set.allow ? expandGroup("@default") : [])]);
      const onTables = (names: Iterable<string>) =>
        [...names].filter((name) => isSyscallName(name.replace(/:.*/, ""))).sort();
      return { ours: [set.allow, onTables(members)], theirs: [theirs.data[0], onTables(theirs.data[1])] };
    }
    case "IPAddressAllow":
    case "IPAddressDeny":
      return { ours: prefixes(words()), theirs: theirs.data.map((each: unknown) => JSON.stringify(each)).sort() };
    case "BindPaths":
    case "BindReadOnlyPaths":
      return { ours: binds(values, context), theirs: theirs.data };
    case "SocketBindAllow":
    case "SocketBindDeny":
      return {
        ours: sinceReset(assignments(unit, "Service", key))
          .map((each) => String(socketBind(each.value)))
          .sort(),
        theirs: theirs.data.map(String).sort(),
      };
    case "TemporaryFileSystem": {
      const pairs = words().map((word) => [word.split(":")[0], word.split(":").slice(1).join(":")]);
      return { ours: pairs, theirs: theirs.data };
    }
    case "DeviceAllow": {
      const pairs = values.slice(values.lastIndexOf("") + 1).map((value) => {
        const [device = "", permissions = "rwm"] = splitWords(value).words;
        return [expandSpecifiers(device, context).text, permissions];
      });
      if (isOn(unit, "ProtectClock")) {
        pairs.push(["char-rtc", "r"]);
      }
      return { ours: pairs.map(String).sort(), theirs: theirs.data.map(String).sort() };
    }
    default:
      return byType(unit, key, context, theirs, values);
  }
}

function byType(
  unit: Unit,
  key: string,
  context: SpecifierContext,
  theirs: Property,
  values: readonly string[],
): Compared {
  const last = values.at(-1) ?? "";
  if (theirs.type === "b") {
    const valid = values.findLast((value) => TRUE.test(value) || FALSE.test(value));
    return valid === undefined ? undefined : { ours: TRUE.test(valid), theirs: theirs.data };
  }
  if (theirs.type === "u" && (key === "UMask" || key.endsWith("Mode"))) {
    return { ours: Number.parseInt(last, 8), theirs: theirs.data };
  }
  if (theirs.type === "s") {
    const text = expandSpecifiers(last, context).text;
    const enumerated = /^(Protect|Private)/.test(key);
    if (key === "WorkingDirectory") {
      return { ours: text.replace(/^-/, "!"), theirs: theirs.data };
    }
    const yes = { PrivateTmp: "connected", PrivateUsers: "self" }[key] ?? "yes";
    const ours = enumerated && TRUE.test(text) ? yes : enumerated && FALSE.test(text) ? "no" : text;
    return { ours, theirs: theirs.data };
  }
  if (theirs.type === "as") {
    const words = listOf(unit, "Service", key).items.map((item) => item.value);
    const ours = words.map((word) =>
      key === "ImportCredential" ? word.replace(/:.*/, "") : word.replace(/^([-+]*\/.*?)\/+$/, "$1"),
    );
    return SETS.test(key) ? { ours: ours.sort(), theirs: [...theirs.data].sort() } : { ours, theirs: theirs.data };
  }
  return undefined;
}

/** One key of [Service], in the normal form. */
export function compareKey(
  unit: Unit,
  key: string,
  context: SpecifierContext,
  properties: Readonly<Record<string, Property>>,
): Compared {
  if (key.startsWith("Exec") && properties[`${key}Ex`] !== undefined) {
    const data = properties[`${key}Ex`]?.data as [string, string[], string[]][];
    const theirs = data.map(([path, argv, flags]) => [path, argv, flags.toSorted()]);
    return { ours: commands(unit, key, context), theirs };
  }
  const theirs = properties[TEXT_PROPERTY[key] ?? key];
  return theirs === undefined ? undefined : byKey(unit, key, context, theirs);
}
