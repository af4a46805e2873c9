/** Where the seccomp filters of one sandbox refuse less than those of another, proved for every input. */
import { ABIS, type Abi, nameOf } from "../kernel/syscalls/syscall.ts";
import type { Example } from "../seccomp/compare/groups.ts";
import { type Loosened, looser } from "../seccomp/compare/looser.ts";
import type { FilterAction, Policy, Rule } from "../seccomp/policy/policy.ts";
import { policiesOfWalls } from "./filters.ts";
import type { Wall } from "./wall.ts";

/** One sentence per ABI, also where it cannot be decided. */
export function loosenedFilters(before: readonly Wall[], after: readonly Wall[]): readonly string[] {
  const is = policiesOfWalls(after);
  const kept = new Set(is.map(keyOf));
  // A filter that is still there refuses what it did before: only those that are gone can be missed.
  const gone = policiesOfWalls(before).filter((policy) => !kept.has(keyOf(policy)));
  if (gone.length === 0) {
    return [];
  }
  const found = looser(gone, is);
  if (found.kind === "unknown") {
    return [`the filters cannot be compared: ${found.reason}`];
  }
  const byAbi = new Map<Abi | undefined, Loosened[]>();
  for (const each of found.loosened) {
    const others = byAbi.get(each.abi);
    if (others === undefined) {
      byAbi.set(each.abi, [each]);
    } else {
      others.push(each);
    }
  }
  return [...byAbi].map(([abi, some]) => sentence(abi, some));
}

function sentence(abi: Abi | undefined, some: readonly Loosened[]): string {
  const names = new Set(some.flatMap(({ calls }) => (calls.length > 0 ? calls : ["calls without a name"])));
  const example = some[0] === undefined ? "" : `: ${exampleText(abi, some[0].example)}`;
  return `${abi ?? "other architectures"}: the filters are weaker for ${[...names].join(", ")}${example}`;
}

function exampleText(abi: Abi | undefined, { data, first, second }: Example): string {
  const { arch, nr, args = [] } = data;
  const name = abi === undefined ? `call ${nr} of 0x${arch.toString(16)}` : (nameOf(abi, nr) ?? `call ${nr}`);
  const shown = args.slice(0, args.findLastIndex((value) => value !== 0n) + 1);
  const call = `${name}(${shown.map((value) => `0x${value.toString(16)}`).join(", ")})`;
  return `${call} gets ${actionText(second)} instead of ${actionText(first)}`;
}

function actionText(action: FilterAction): string {
  return action.kind === "errno" ? String(action.errno) : action.kind;
}

const keys = new WeakMap<Policy, string>();

/** Policies with the same key are the same, which spares comparing unchanged filters call by call. */
function keyOf(policy: Policy): string {
  let key = keys.get(policy);
  if (key === undefined) {
    const text = (action: FilterAction): string => Object.values(action).join(" ");
    const ofRule = ({ calls, when, action }: Rule): string =>
      `${calls.join(" ")};${when.map((condition) => Object.values(condition).join(" ")).join(",")};${text(action)}`;
    const ofAbi = (abi: Abi): string => {
      const own = policy.abis[abi];
      return own === undefined ? "" : `${own.rules.map(ofRule).join("\n")}\n${text(own.otherwise)}`;
    };
    key = `${ABIS.map(ofAbi).join("\n\n")}\n\n${text(policy.foreign)}`;
    keys.set(policy, key);
  }
  return key;
}
