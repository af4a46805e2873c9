/** Changes of identity, capabilities and process attributes. Facts: credentials(7), capabilities(7), setresuid(2), prctl(2). */

import type { Need } from "../../action/action.ts";
import type { Capability } from "../../kernel/capability.ts";
import { PRCTL_OPTIONS } from "../../kernel/prctl-option.ts";
import { type FinishedCall, keepsId, numberAt, succeeded } from "../call/call.ts";
import type { Meaning, Meanings } from "./meaning.ts";

function own(capability: Capability): Need {
  return { kind: "capability", capability, over: "own" };
}

/** The ids among some arguments, without those that mean "leave unchanged". */
function wanted(call: FinishedCall, indexes: readonly number[]): readonly number[] {
  return indexes.map((index) => numberAt(call, index) ?? -1).filter((number) => !keepsId(number));
}

/** Changing identity. Only root uses a capability for it; anyone else can only return to an id that it already holds. */
function becomes(kind: "uid" | "gid", indexes: readonly number[], effective: number): Meaning {
  return {
    needs: (call) => {
      const { identity } = call.process;
      if (identity.uid !== 0) {
        return [];
      }
      const others = new Set(wanted(call, indexes).filter((number) => number !== identity[kind]));
      return [...others].map((number): Need => ({ kind: "become", [kind]: number }));
    },
    effect: (call) => {
      const number = succeeded(call) ? wanted(call, [effective])[0] : undefined;
      if (number !== undefined) {
        call.process.identity = { ...call.process.identity, [kind]: number };
      }
    },
  };
}

const DROPS: readonly number[] = [PRCTL_OPTIONS.PR_CAPBSET_DROP, PRCTL_OPTIONS.PR_SET_SECUREBITS];

const groups: Meaning = { needs: () => [own("CAP_SETGID")] };

/** Meanings of the calls that change credentials. */
export const credentialMeanings: Meanings = {
  setuid: becomes("uid", [0], 0),
  setuid32: becomes("uid", [0], 0),
  setreuid: becomes("uid", [0, 1], 1),
  setreuid32: becomes("uid", [0, 1], 1),
  setresuid: becomes("uid", [0, 1, 2], 1),
  setresuid32: becomes("uid", [0, 1, 2], 1),
  setgid: becomes("gid", [0], 0),
  setgid32: becomes("gid", [0], 0),
  setregid: becomes("gid", [0, 1], 1),
  setregid32: becomes("gid", [0, 1], 1),
  setresgid: becomes("gid", [0, 1, 2], 1),
  setresgid32: becomes("gid", [0, 1, 2], 1),
  setgroups: groups,
  setgroups32: groups,
  prctl: {
    numbers: [0],
    needs: (call) => (DROPS.includes(numberAt(call, 0) ?? -1) ? [own("CAP_SETPCAP")] : []),
  },
  arch_prctl: { numbers: [0] },
};
