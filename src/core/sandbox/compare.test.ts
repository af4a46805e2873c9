import { expect, test } from "vitest";
import { CAPABILITIES } from "../kernel/capability.ts";
import { denyList, is32, policyOf } from "../seccomp/policy/build.ts";
import type { FilterAction, Policy } from "../seccomp/policy/policy.ts";
import { loosened } from "./compare.ts";
import { setting } from "./origin.ts";
import type { MountMode, Wall } from "./wall.ts";

const EPERM: FilterAction = { kind: "errno", errno: "EPERM" };

function mount(path: string, mode: MountMode): Wall {
  return { kind: "mount", by: setting("m", "yes"), path, mode, optional: true };
}

function identity(uid: number, groups: readonly number[] = []): Wall {
  return { kind: "identity", by: setting("User", ""), uid, gid: uid, groups };
}

function says(before: readonly Wall[], after: readonly Wall[]): readonly string[] {
  return loosened({ walls: before }, { walls: after });
}

/** Each pair: the weaker walls, the stronger ones, and a word of the message that names the difference. */
const pairs: readonly (readonly [string, readonly Wall[], readonly Wall[]])[] = [
  ["uid 0", [identity(0)], [identity(33)]],
  ["groups 4", [identity(33, [4])], [identity(33)]],
  [
    "can hold CAP_KILL",
    [{ kind: "bounding", by: setting("b", "yes"), keep: ["CAP_KILL", "CAP_CHOWN"] }],
    [{ kind: "bounding", by: setting("b", "yes"), keep: ["CAP_CHOWN"] }],
  ],
  [
    "holds CAP_NET_RAW",
    [identity(33), { kind: "ambient", by: setting("a", "yes"), capabilities: ["CAP_NET_RAW"] }],
    [identity(33)],
  ],
  ["lets files be executed", [], [mount("/srv", { kind: "no-exec" })]],
  ["more memory can be locked", [], [{ kind: "locked-memory", by: setting("l", "0"), soft: 0, hard: 0 }]],
  [
    "more memory can be locked",
    [{ kind: "locked-memory", by: setting("l", "0:64K"), soft: 0, hard: 65536 }],
    [{ kind: "locked-memory", by: setting("l", "0"), soft: 0, hard: 0 }],
  ],
  ["/etc is writable", [], [mount("/etc", { kind: "read-only" })]],
  [
    "/var is writable",
    [mount("/", { kind: "read-only" }), mount("/var", { kind: "read-write" })],
    [mount("/", { kind: "read-only" })],
  ],
  ["/home shows what was hidden", [], [mount("/home", { kind: "inaccessible" })]],
  [
    "shows more processes",
    [mount("/proc", { kind: "proc", hide: "noaccess", pidOnly: false })],
    [mount("/proc", { kind: "proc", hide: "invisible", pidOnly: false })],
  ],
  ["net namespace", [], [{ kind: "namespace", by: setting("PrivateNetwork", "yes"), namespace: "net" }]],
  [
    "user namespace",
    [{ kind: "namespace", by: setting("u", "yes"), namespace: "user", map: "identity" }],
    [{ kind: "namespace", by: setting("u", "yes"), namespace: "user", map: "self" }],
  ],
  [
    "x86_64: the filters are weaker for reboot",
    [],
    [{ kind: "filter", by: setting("f", "yes"), policy: denyList(["reboot"], EPERM) }],
  ],
  [
    "x86_64: the filters are weaker for reboot",
    [{ kind: "filter", by: setting("f", "yes"), policy: denyList(["reboot"], EPERM) }],
    [{ kind: "filter", by: setting("f", "yes"), policy: denyList(["reboot"], { kind: "kill-process" }) }],
  ],
  [
    "for socket",
    [
      {
        kind: "filter",
        by: setting("f", "yes"),
        policy: policyOf([{ calls: ["socket"], when: [is32(0, "gt", 16)], action: EPERM }]),
      },
    ],
    [
      {
        kind: "filter",
        by: setting("f", "yes"),
        policy: policyOf([{ calls: ["socket"], when: [is32(0, "ge", 16)], action: EPERM }]),
      },
    ],
  ],
  [
    "char device 1:1",
    [{ kind: "devices", by: setting("d", "yes"), allow: [{ type: "char", major: 1, minor: 1, access: "r" }] }],
    [{ kind: "devices", by: setting("d", "yes"), allow: [] }],
  ],
  [
    "10.255.255.255 can be reached",
    [{ kind: "addresses", by: setting("a", "yes"), deny: ["0.0.0.0/0"], allow: ["10.0.0.0/8"] }],
    [{ kind: "addresses", by: setting("a", "yes"), deny: ["0.0.0.0/0"], allow: ["10.0.0.0/9"] }],
  ],
  [
    "tcp:80 can be bound",
    [{ kind: "ports", by: setting("p", "yes"), deny: ["any"], allow: ["ipv4:80"] }],
    [{ kind: "ports", by: setting("p", "yes"), deny: ["any"], allow: ["ipv4:udp:80"] }],
  ],
  [
    "umask",
    [{ kind: "umask", by: setting("u", "yes"), mask: 0o022 }],
    [{ kind: "umask", by: setting("u", "yes"), mask: 0o077 }],
  ],
  ["keyring", [], [{ kind: "keyring", by: setting("k", "yes"), mode: "private" }]],
  ["new privileges", [], [{ kind: "no-new-privileges", by: setting("n", "yes") }]],
  ["writable and executable", [], [{ kind: "write-xor-execute", by: setting("n", "yes") }]],
];

test.each(pairs)(
  "loosened: says '%s' from the stronger to the weaker, nothing the other way",
  (word, weaker, stronger) => {
    expect(says(stronger, weaker).join("\n")).toContain(word);
    expect(says(weaker, stronger)).toEqual([]);
    expect(says(stronger, stronger)).toEqual([]);
    expect(says(weaker, weaker)).toEqual([]);
  },
);

test("loosened: another user than before cannot be compared, root may become anyone", () => {
  expect(says([identity(33)], [identity(34)]).length).toBeGreaterThan(0);
  expect(says([], [identity(34)])).toEqual([]);
});

test("loosened: a noexec path opens a read-only tree, and that is said", () => {
  const strict = [mount("/", { kind: "read-only" })];
  expect(says(strict, [...strict, mount("/var", { kind: "no-exec" })])).toContain("/var is writable");
});

test("loosened: a fresh directory in a read-only tree reveals nothing, but a bind does", () => {
  const strict = [mount("/", { kind: "read-only" })];
  expect(says(strict, [...strict, mount("/tmp", { kind: "private" })])).toEqual([]);
  const bind = mount("/tmp", { kind: "bind", source: "/srv", readOnly: true });
  expect(says(strict, [...strict, bind])).not.toEqual([]);
});

test("loosened: bounding sets of several walls are their intersection", () => {
  const but = (name: string): Wall => ({
    kind: "bounding",
    by: setting(name, "yes"),
    keep: CAPABILITIES.filter((each) => each !== name),
  });
  expect(says([but("CAP_KILL"), but("CAP_CHOWN")], [but("CAP_KILL")])).toContain("can hold CAP_CHOWN");
});

test("whether a thread or its process dies of a refused call is no difference, towards an error it is", () => {
  const [thread, whole]: readonly (readonly Wall[])[] = (["kill-thread", "kill-process"] as const).map((kind) => [
    { kind: "filter", by: setting("f", "yes"), policy: denyList(["reboot"], { kind }) },
  ]);
  expect([says(thread ?? [], whole ?? []), says(whole ?? [], thread ?? [])]).toEqual([[], []]);
  const error: readonly Wall[] = [{ kind: "filter", by: setting("f", "yes"), policy: denyList(["reboot"], EPERM) }];
  expect(says(thread ?? [], error)[0]).toContain("weaker for reboot");
});

test("loosened: filters are compared for every input, whatever the number of conditions, and on every machine", () => {
  const filter = (policy: Policy): readonly Wall[] => [{ kind: "filter", by: setting("f", "yes"), policy }];
  // So many tests of each argument that not all combinations can be tried; only one of them is let through.
  const tests = Array.from({ length: 30 }, (_, place) => ({
    calls: ["ioctl"],
    when: [is32(0, "eq", 10 * place), is32(1, "eq", 10 * place + 1), is32(2, "eq", 10 * place + 2)],
    action: EPERM,
  }));
  const spoilt = tests.map((rule, place) =>
    place === 17 ? { ...rule, when: [...rule.when, is32(3, "ge", 5)] } : rule,
  );
  expect(says(filter(policyOf(spoilt)), filter(policyOf(tests)))).toEqual([]);
  const [x86] = says(filter(policyOf(tests)), filter(policyOf(spoilt)));
  expect(x86).toContain("the filters are weaker for ioctl: ioctl(0xaa, 0xab, 0xac) gets allow instead of EPERM");
  const arm = filter(denyList(["reboot"], EPERM, ["aarch64"]));
  expect(says(arm, [])).toEqual(["aarch64: the filters are weaker for reboot: reboot() gets allow instead of EPERM"]);
  const native = filter({
    abis: { x86_64: { rules: [], otherwise: { kind: "allow" } } },
    foreign: { kind: "kill-thread" },
  });
  expect(says(native, [])[0]).toMatch(/instead of kill-thread$/);
  expect(says([], native)).toEqual([]);
});

test("loosened: filters that are too entangled to be compared count as weaker", () => {
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  const word = (): number => random(0xffffffff);
  const masked = () => is32(random(6), "masked-eq", word(), word());
  const rules = Array.from({ length: 150 }, () => ({
    calls: ["ioctl"],
    when: [masked(), masked(), masked(), masked()],
    action: EPERM,
  }));
  const filter = (policy: Policy): readonly Wall[] => [{ kind: "filter", by: setting("f", "yes"), policy }];
  const found = says(filter(policyOf(rules)), filter(policyOf(rules.toReversed())));
  expect(found).toEqual([expect.stringContaining("the filters cannot be compared: ")]);
});

test("loosened: securebits flags that wall root in, and those that let its powers outlive a change of user", () => {
  const bits = (...flags: readonly string[]): { readonly walls: readonly Wall[] } => ({
    walls: [{ kind: "secure-bits", by: setting("SecureBits", flags.join(" ")), bits: flags }],
  });
  expect(loosened(bits("noroot"), { walls: [] })).toContain("user id 0 gives capabilities");
  expect(loosened({ walls: [] }, bits("no-setuid-fixup"))).toEqual(["capabilities outlive a change of user"]);
  expect(loosened({ walls: [] }, bits("noroot"))).toEqual([]);
});
