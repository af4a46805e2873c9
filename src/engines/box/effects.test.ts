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
  raisesLimits: true,
};
const directives = (facts: Partial<EffectFacts>) =>
  judgeEffects({ ...able, ...facts })
    .map((each) => each.directive)
    .toSorted();

test("an able machine enforces everything", () => {
  expect(directives({})).toEqual([]);
});

test("each condition names the directives that it disarms", () => {
  const linked = [
    "BindNetworkInterface",
    "RestrictFileSystems",
    "RestrictNetworkInterfaces",
    "SocketBindAllow",
    "SocketBindDeny",
  ];
  expect(directives({ features: ["+SECCOMP", "-BPF_FRAMEWORK"] })).toEqual(linked);
  expect(directives({ links: false })).toEqual(linked);
  expect(directives({ userNamespaces: false })).toEqual([
    "BPFDelegateAttachments",
    "BPFDelegateCommands",
    "BPFDelegateMaps",
    "BPFDelegatePrograms",
    "DelegateNamespaces",
    "PrivateUsers",
    "UserNamespacePath",
  ]);
  expect(directives({ addressFilterWorks: false })).toEqual([
    "BPFProgram",
    "IPAddressAllow",
    "IPAddressDeny",
    "IPEgressFilterPath",
    "IPIngressFilterPath",
  ]);
  expect(directives({ modules: [] })).toEqual([
    "AppArmorProfile",
    "RestrictFileSystems",
    "SELinuxContext",
    "SmackProcessLabel",
  ]);
  expect(directives({ controllers: [] })).toEqual(["MemoryMax", "TasksMax"]);
  expect(directives({ raisesLimits: false })).toEqual(["LimitRTPRIO"]);
  expect(directives({ devicePolicyWorks: false })).toEqual(["DeviceAllow", "DevicePolicy"]);
  expect(directives({ features: ["-SECCOMP", "+BPF_FRAMEWORK"] })).toEqual([
    "LockPersonality",
    "RestrictAddressFamilies",
    "RestrictNamespaces",
    "RestrictRealtime",
    "RestrictSUIDSGID",
    "SystemCallArchitectures",
    "SystemCallFilter",
    "SystemCallLog",
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
    raisesLimits: false,
  };
  for (const each of judgeEffects(none)) {
    expect(each.reason.length).toBeGreaterThan(10);
  }
});
