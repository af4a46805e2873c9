import { expect, test } from "vitest";
import { type EffectFacts, judgeEffects } from "./effects.ts";

const able: EffectFacts = {
  features: ["+SECCOMP", "+BPF_FRAMEWORK"],
  userNamespaces: true,
  links: true,
  addressFilterWorks: true,
  devicePolicyWorks: true,
  modules: ["bpf", "selinux", "apparmor", "smack"],
  controllers: ["memory", "pids"],
};
const directives = (facts: Partial<EffectFacts>) => judgeEffects({ ...able, ...facts }).map((each) => each.directive);

test("an able machine enforces everything", () => {
  expect(directives({})).toEqual([]);
});

test("each condition names the directives that it disarms", () => {
  expect(directives({ features: ["+SECCOMP", "-BPF_FRAMEWORK"] })).toEqual(["SocketBindAllow", "SocketBindDeny"]);
  expect(directives({ links: false })).toEqual(["SocketBindAllow", "SocketBindDeny"]);
  expect(directives({ userNamespaces: false })).toEqual(["PrivateUsers"]);
  expect(directives({ addressFilterWorks: false })).toEqual(["IPAddressAllow", "IPAddressDeny"]);
  expect(directives({ devicePolicyWorks: false })).toEqual(["DeviceAllow", "DevicePolicy"]);
  expect(directives({ features: ["-SECCOMP", "+BPF_FRAMEWORK"] })).toEqual([
    "LockPersonality",
    "RestrictAddressFamilies",
    "RestrictNamespaces",
    "RestrictRealtime",
    "RestrictSUIDSGID",
    "SystemCallArchitectures",
    "SystemCallFilter",
  ]);
});

test("every reason is said in words", () => {
  const none = {
    features: [],
    userNamespaces: false,
    links: false,
    addressFilterWorks: false,
    devicePolicyWorks: false,
    modules: [],
    controllers: [],
  };
  for (const each of judgeEffects(none)) {
    expect(each.reason.length).toBeGreaterThan(10);
  }
});
