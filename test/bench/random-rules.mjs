/** Rules that no person writes: the same ones in every run. */

function randomFrom(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

const OPERATORS = ["eq", "ne", "lt", "le", "gt", "ge", "masked-eq"];
const ACTIONS = [{ kind: "allow" }, { kind: "log" }, { kind: "errno", errno: "EPERM" }];

function condition(random) {
  const operator = OPERATORS[random(OPERATORS.length)];
  const value = BigInt(random(1 << 16)) << BigInt(random(40));
  const mask = BigInt(random(1 << 12)) << BigInt(random(40));
  const plain = { argument: random(6), width: random(2) === 0 ? 32 : 64, operator, value };
  return operator === "masked-eq" ? { ...plain, mask } : plain;
}

function policyOf(rules, errno) {
  return {
    abis: { x86_64: { rules, otherwise: { kind: "errno", errno } } },
    foreign: { kind: "kill-process" },
  };
}

/** Policies of up to twenty rules of up to three conditions, each on any call. */
export function randomPolicies(count) {
  const random = randomFrom(12345);
  return Array.from({ length: count }, () => {
    const rules = Array.from({ length: 1 + random(20) }, () => ({
      calls: [random(400)],
      when: Array.from({ length: random(4) }, () => condition(random)),
      action: ACTIONS[random(3)],
    }));
    return policyOf(rules, "ENOSYS");
  });
}

/** Twenty rules of three conditions on one call, whose conditions overlap in every way. */
export function entangledPolicy() {
  const rules = Array.from({ length: 20 }, (_, place) => ({
    calls: [16],
    when: [
      { argument: 1, width: 32, operator: "eq", value: BigInt(0x5400 + place) },
      { argument: 0, width: 32, operator: "lt", value: BigInt(3 + place) },
      { argument: 2, width: 64, operator: "masked-eq", value: 1n << BigInt(place), mask: 3n << BigInt(place) },
    ],
    action: { kind: "allow" },
  }));
  return policyOf(rules, "EPERM");
}
