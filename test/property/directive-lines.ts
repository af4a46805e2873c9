/** Right-hand sides for random units: the samples of each directive, and lines that add, remove, reset or are invalid. */
import fc from "fast-check";
import type { AnyDirective } from "../../src/core/directives/directive.ts";

/** One line of [Service]. */
export interface Line {
  readonly name: string;
  readonly value: string;
}

const more: Readonly<Record<string, readonly string[]>> = {
  AmbientCapabilities: ["CAP_KILL", "~CAP_KILL", ""],
  BindPaths: ["/srv /opt:/mnt", "-/nonexistent:/srv:norbind", ""],
  CapabilityBoundingSet: ["CAP_KILL CAP_CHOWN", "~CAP_KILL CAP_SYS_PTRACE", "cap_net_raw"],
  DeviceAllow: ["/dev/full w", "/dev/full", "char-* r", ""],
  ExecPaths: ["/usr /lib", "-/opt", ""],
  IPAddressAllow: ["10.0.0.0/8", "::1 192.0.2.7", "link-local", ""],
  IPAddressDeny: ["10.1.0.0/16", "multicast link-local", "", "10.1.2.3/9"],
  InaccessiblePaths: ["/srv/app /opt", "", "-/var/lib", "/srv/../etc"],
  BindLogSockets: [""],
  CacheDirectory: ["other deep/er", ""],
  ConfigurationDirectory: ["other", ""],
  ExtensionDirectories: ["/srv/x", ""],
  ExtensionImages: ["/srv/x.raw", ""],
  ImportCredential: ["other.*", ""],
  LoadCredential: ["other:/etc/fstab", "secret"],
  LogsDirectory: ["other", ""],
  MountImages: ["/srv/x.raw:/srv/x", ""],
  RootDirectory: ["/srv//etc/", ""],
  RootImage: ["/srv/x.raw", ""],
  RuntimeDirectory: ["other ../x", ""],
  SetCredential: ["other:x", "word:text"],
  StateDirectory: ["other third:link", "/absolute", ""],
  DelegateNamespaces: ["~net", ""],
  IPCNamespacePath: ["/run//ns", ""],
  JoinsNamespaceOf: ["another.service other.service", ""],
  LogNamespace: ["other", ""],
  MountAPIVFS: [""],
  MountFlags: [""],
  NetworkNamespacePath: ["/run//netns/app", "", "relative"],
  NoExecPaths: [""],
  ReadOnlyPaths: ["/srv/app", "-/srv /opt/x", "", "//srv//y/"],
  ReadWritePaths: ["/srv/app", "-/var /opt", "", "relative +/srv", `"/srv/with space"`],
  RestrictAddressFamilies: ["~AF_INET", "AF_LOCAL AF_ROUTE", "AF_VSOCK", ""],
  RestrictNamespaces: ["no", "~mnt", "net", "~time", ""],
  SocketBindAllow: ["udp:53", "1024-65535", "tcp", ""],
  SocketBindDeny: ["udp:53", "ipv6:any", "ipv6", ""],
  SecureBits: ["keep-caps-locked nonsense", "no-setuid-fixup", ""],
  SupplementaryGroups: ["4", "", "nogroup adm"],
  SystemCallArchitectures: ["x86", "x32 native", ""],
  SystemCallErrorNumber: ["ENOSYS", "kill", "", "2"],
  SystemCallFilter: [
    "@basic-io @file-system",
    "~read write",
    "~@clock:EPERM",
    "~mount:kill",
    "mount umount2",
    "mount:EPERM",
    "~@default",
    "",
  ],
  UMask: ["0", "0070", "0777"],
  User: ["", "daemon"],
  Group: ["", "adm"],
};

/** systemd ignores most invalid lines, but refuses the unit for those of these: what may be written instead. */
const FATAL: ReadonlyMap<string, readonly string[]> = new Map([
  ["DynamicUser", ["no"]],
  ["RootDirectory", ["/srv/other"]],
  ["RootImage", ["/srv/other"]],
]);

/** One to three lines of a directive. */
export function linesOf(directive: AnyDirective): fc.Arbitrary<readonly Line[]> {
  const wrong = FATAL.get(directive.name) ?? ["no", "nonsense"];
  const value = fc.constantFrom(...directive.samples, ...(more[directive.name] ?? []), ...wrong);
  return fc
    .array(value, { minLength: 1, maxLength: 3 })
    .map((all) => all.map((each) => ({ name: directive.name, value: each })));
}
