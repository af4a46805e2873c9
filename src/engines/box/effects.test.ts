import { expect, test } from "vitest";
import { type EffectFacts, judgeEffects } from "./effects.ts";

const able: EffectFacts = {
  features: ["+SECCOMP", "+BPF_FRAMEWORK"],
  controllers: ["cpu", "cpuset", "io", "memory", "pids"],
  lsm: ["lockdown", "bpf"],
  capBounding: (1n << 41n) - 1n,
  userNamespaces: true,
  addressFilterWorks: true,
  devicePolicyWorks: true,
};
const directives = (facts: Partial<EffectFacts>) => judgeEffects({ ...able, ...facts }).map((each) => each.directive);

test("an able machine enforces everything", () => {
  expect(directives({})).toEqual([]);
});

test("each condition names the directives that it disarms", () => {
  expect(directives({ features: ["+SECCOMP", "-BPF_FRAMEWORK"] })).toContain("SocketBindDeny");
  expect(directives({ lsm: ["lockdown"] })).toEqual(["RestrictFileSystems"]);
  expect(directives({ lsm: undefined })).toEqual(["RestrictFileSystems"]);
  expect(directives({ controllers: ["cpu", "cpuset", "io", "memory"] })).toEqual(["TasksMax"]);
  expect(directives({ capBounding: able.capBounding & ~(1n << 24n) })).toEqual(["OOMScoreAdjust"]);
  expect(directives({ userNamespaces: false })).toEqual(["PrivateUsers"]);
  expect(directives({ addressFilterWorks: false })).toEqual(["IPAddressDeny", "IPAddressAllow"]);
  expect(directives({ devicePolicyWorks: false })).toEqual(["DevicePolicy", "DeviceAllow"]);
  expect(directives({ features: ["-SECCOMP", "+BPF_FRAMEWORK"] })).toContain("SystemCallFilter");
});

test("every reason is said in words", () => {
  const none = { ...able, features: [], controllers: [], capBounding: 0n, userNamespaces: false };
  for (const each of judgeEffects(none)) expect(each.reason.length).toBeGreaterThan(10);
});
