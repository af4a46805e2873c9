/**
 * Laws of synthesis over random units and observations: what worked still works, no wall is weaker, and the drop-in's text,
 * parsed again together with the unit's own lines, builds exactly the sandbox that the search found. Tests src/core/synthesis.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Access, Action, Argument, Need, Observation, Seen } from "../../src/core/action/action.ts";
import { catalogue } from "../../src/core/directives/catalogue.ts";
import type { DirectiveAssignment } from "../../src/core/directives/directive.ts";
import { foldUnit, type Host, sandboxOf } from "../../src/core/directives/sandbox.ts";
import type { SyscallName } from "../../src/core/kernel/syscalls/syscall.ts";
import { loosened } from "../../src/core/sandbox/compare.ts";
import { behind, outcomeOf } from "../../src/core/sandbox/judge.ts";
import { printDropIn } from "../../src/core/synthesis/print.ts";
import { synthesize } from "../../src/core/synthesis/synthesize.ts";
import { parse } from "../../src/core/unit/parse.ts";
import { expandSpecifiers } from "../../src/core/unit/specifier.ts";
import { assignmentsOfFile } from "../../src/core/unit/unit.ts";
import { hostileText } from "./hostile-text.ts";

const host: Host = {
  systemd: 257,
  machine: "x86_64",
  user: (name) => (name === "nobody" ? { uid: 65534, gid: 65534, groups: [] } : undefined),
  directories: ["/var/lib/app"],
  executables: ["/usr/bin/app"],
};

const name = { prefix: "app", instance: "", type: "service", name: "app.service" };

const directory = fc.constantFrom(
  "/etc",
  "/var/lib/app",
  "/srv/data",
  "/tmp",
  "/home/x",
  "/usr/share",
  "/run/app",
  "/dev",
);

const path: fc.Arbitrary<string> = fc
  .tuple(directory, fc.oneof(fc.constantFrom("a", "b.log", "sess_0a1b2c3d4e", "x y"), hostileText))
  .map(([place, leaf]) => `${place}/${leaf.replaceAll("/", "") || "z"}`);

type Made = readonly [SyscallName, readonly number[], Need | undefined];

const need: fc.Arbitrary<Made> = fc.oneof(
  fc
    .tuple(path, fc.constantFrom<Access>("read", "write", "create", "remove", "execute", "look"))
    .map(
      ([at, access]): Made => [
        "openat",
        [0, 0, access === "create" ? 0o102 : 0, 0o644],
        { kind: "path", path: at, access },
      ],
    ),
  fc.constantFrom(2, 10, 1, 16, 17).map((family): Made => ["socket", [family, 1, 0], undefined]),
  fc
    .tuple(
      fc.constantFrom("0.0.0.0", "127.0.0.1", "10.1.2.3"),
      fc.constantFrom("bind", "connect"),
      fc.constantFrom(80, 8080),
    )
    .map(
      ([address, operation, port]): Made => [
        operation as "bind",
        [3],
        { kind: "address", operation: operation as "bind", family: "AF_INET", address, port, transport: "tcp" },
      ],
    ),
  fc
    .tuple(fc.boolean(), fc.boolean())
    .map(
      ([writable, executable]): Made => [
        "mmap",
        [0, 4096, (writable ? 2 : 0) | (executable ? 4 : 0), 34],
        { kind: "memory", operation: "map", writable, executable },
      ],
    ),
  fc
    .constantFrom("CAP_CHOWN", "CAP_NET_ADMIN", "CAP_SYS_TIME")
    .map(
      (capability): Made => [
        "prctl",
        [22],
        { kind: "capability", capability: capability as "CAP_CHOWN", over: "init" },
      ],
    ),
  fc
    .constantFrom<SyscallName>("read", "futex", "epoll_wait", "wait4", "adjtimex", "ptrace", "chroot")
    .map((call): Made => [call, [], undefined]),
);

const seen: fc.Arbitrary<Seen> = fc
  .tuple(need, fc.constantFrom("ok", "ok", "ok", "ENOENT", "EPERM"), fc.constantFrom(0, 65534))
  .map(([[call, given, wanted], result, uid]) => ({
    action: {
      call: {
        abi: "x86_64",
        name: call,
        arguments: given.map((value): Argument => ({ kind: "number", value: BigInt(value) })),
      },
      needs: wanted === undefined ? [] : [wanted],
    },
    result: result as "ok",
    phases: ["start"],
    identities: [{ uid, gid: uid }],
    executables: ["/usr/bin/app"],
    count: 1,
    hosts: [],
  }));

const observation: fc.Arbitrary<Observation> = fc.array(seen, { minLength: 1, maxLength: 8 }).map((all) => ({
  schema: "cloison.observation/2",
  unit: "app.service",
  seen: all,
  gaps: [],
  phases: ["start"],
}));

interface Line {
  readonly name: string;
  readonly value: string;
}

const anyLine: fc.Arbitrary<Line> = fc
  .constantFrom(...catalogue.filter(({ samples }) => samples.length > 0))
  .chain((directive) => fc.constantFrom(...directive.samples).map((value) => ({ name: directive.name, value })));

const unit: fc.Arbitrary<readonly Line[]> = fc.array(anyLine, { maxLength: 5 });

function reader(own: readonly Line[], dropIn?: string): (key: string) => readonly DirectiveAssignment[] {
  const file = dropIn === undefined ? undefined : parse(dropIn, "zz-cloison.conf");
  if (file?.ok === false) {
    throw new Error(file.diagnostics.map(({ message }) => message).join("\n"));
  }
  return (key) => [
    ...own.filter((line) => line.name === key).map(({ value }) => ({ value, file: "app.service", line: 2 })),
    ...(file === undefined ? [] : assignmentsOfFile(file.value, "Service", key)).map(({ value, line }) => ({
      value: expandSpecifiers(value, { name } as never).text,
      file: "zz-cloison.conf",
      line,
    })),
  ];
}

const levels = fc.constantFrom("balanced" as const, "strict" as const);

function numbers(...values: readonly bigint[]): readonly Argument[] {
  return values.map((value) => ({ kind: "number", value }));
}

function seenOnce(action: Action): Seen {
  const [identities, executables] = [[{ uid: 0, gid: 0 }], ["/usr/bin/app"]];
  return { action, result: "ok", phases: ["start"], identities, executables, count: 1, hosts: [] };
}

function written(path: string): Seen {
  const call = { abi: "x86_64", name: "openat", arguments: numbers(0n, 0n, 0n, 420n) } as const;
  return seenOnce({ call, needs: [{ kind: "path", path, access: "write" }] });
}

/** Here two walls are given back, the second of which had opened /run/app in a third. */
const givenBack: Observation = {
  schema: "cloison.observation/2",
  unit: "app.service",
  seen: [
    written("/run/app/z"),
    written("/home/x/a"),
    seenOnce({
      call: { abi: "x86_64", name: "mmap", arguments: numbers(0n, 4096n, 0n, 34n) },
      needs: [{ kind: "memory", operation: "map", writable: false, executable: false }],
    }),
  ],
  gaps: [],
  phases: ["start"],
};

test("synthesize: what worked still works, and no wall is weaker", () => {
  let kept = 0;
  fc.assert(
    fc.property(unit, observation, levels, (own, what, level) => {
      const { values } = foldUnit(reader(own), host);
      const { before, after } = synthesize({ observation: what, values, host, level });
      expect(loosened(before, after)).toEqual([]);
      for (const { action, result, identities } of what.seen) {
        const who = identities[0];
        if (result !== "ok" || who === undefined) {
          continue;
        }
        if (outcomeOf(behind(before, who).walls, action) !== "allowed") {
          continue;
        }
        kept += 1;
        const made = () => true;
        expect(outcomeOf(behind(after, who).walls, action, { made })).toBe("allowed");
      }
    }),
    { numRuns: 30, examples: [[[], givenBack, "balanced"]] },
  );
  expect(kept).toBeGreaterThan(30);
}, 120_000);

test("printDropIn: read back beside the unit's lines it builds the sandbox that was searched, whatever the paths", () => {
  fc.assert(
    fc.property(unit, observation, levels, (own, what, level) => {
      const { values } = foldUnit(reader(own), host);
      const result = synthesize({ observation: what, values, host, level });
      const text = printDropIn(result, ["header"]);
      const built = sandboxOf(reader(own, text), host);
      expect(built.sandbox).toEqual(result.after);
      const read = parse(text, "zz-cloison.conf");
      expect(read.diagnostics).toEqual([]);
      const entries = read.ok ? read.value.entries : [];
      const known = new Set(result.settings.map(({ directive }) => directive));
      for (const entry of entries) {
        if (entry.kind === "section") {
          expect(entry.name).toBe("Service");
        }
        if (entry.kind === "assignment") {
          expect(known).toContain(entry.key);
        }
      }
      expect(text).not.toMatch(/[^\n\P{Cc}]|[\p{Cf}\u2028\u2029]/u);
    }),
    { numRuns: 30 },
  );
}, 120_000);

test("synthesize: the order in which things were seen does not matter", () => {
  fc.assert(
    fc.property(observation, (what) => {
      const { values } = foldUnit(reader([]), host);
      const walls = (each: Observation) =>
        synthesize({ observation: each, values, host, level: "balanced" }).settings.map(({ directive, lines }) => [
          directive,
          lines,
        ]);
      expect(walls({ ...what, seen: what.seen.toReversed() })).toEqual(walls(what));
    }),
    { numRuns: 6 },
  );
}, 120_000);
