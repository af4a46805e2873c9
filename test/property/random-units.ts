/** Random units and observations of services, for the laws of synthesis. */
import fc from "fast-check";
import type { Access, Argument, Need, Observation, Seen } from "../../src/core/action/action.ts";
import { catalogue } from "../../src/core/directives/catalogue.ts";
import type { DirectiveAssignment } from "../../src/core/directives/directive.ts";
import type { Host } from "../../src/core/directives/sandbox.ts";
import type { SyscallName } from "../../src/core/kernel/syscalls/syscall.ts";
import { parse } from "../../src/core/unit/parse.ts";
import { expandSpecifiers } from "../../src/core/unit/specifier.ts";
import { assignmentsOfFile } from "../../src/core/unit/unit.ts";
import { hostileText } from "./hostile-text.ts";

/** A machine with one user. */
export const host: Host = {
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

/** What a service did, a few things of any kind. */
export const observation: fc.Arbitrary<Observation> = fc.array(seen, { minLength: 1, maxLength: 8 }).map((all) => ({
  schema: "cloison.observation/2",
  unit: "app.service",
  seen: all,
  gaps: [],
  phases: ["start"],
}));

/** A line of a unit. */
export interface Line {
  readonly name: string;
  readonly value: string;
}

const anyLine: fc.Arbitrary<Line> = fc
  .constantFrom(...catalogue.filter(({ samples }) => samples.length > 0))
  .chain((directive) => fc.constantFrom(...directive.samples).map((value) => ({ name: directive.name, value })));

/** A unit of a few settings. */
export const unit: fc.Arbitrary<readonly Line[]> = fc.array(anyLine, { maxLength: 5 });

/** What a unit says of a directive, its own lines and then those of a drop-in. */
export function reader(own: readonly Line[], dropIn?: string): (key: string) => readonly DirectiveAssignment[] {
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

/** Both levels. */
export const levels: fc.Arbitrary<"balanced" | "strict"> = fc.constantFrom("balanced" as const, "strict" as const);
