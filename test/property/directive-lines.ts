/** Right-hand sides for random units: the samples of each directive, and lines that add, remove, reset or are invalid. */
import fc from "fast-check";
import type { AnyDirective } from "../../src/core/directives/directive.ts";

/** One line of [Service]. */
export interface Line {
  readonly name: string;
  readonly value: string;
}

const more: Readonly<Record<string, readonly string[]>> = {
  AppArmorProfile: ["", "one two"],
  AmbientCapabilities: ["CAP_KILL", "~CAP_KILL", ""],
  BPFProgram: ["connect4:/sys/fs/bpf//x", "nowhere:/x", "egress:x", ""],
  BindPaths: ["/srv /opt:/mnt", "-/nonexistent:/srv:norbind", ""],
  CPUSchedulingPolicy: ["idle", "1", "4", ""],
  CoredumpFilter: ["all", "shared-dax 1f", "0x10", "elf-headers x", ""],
  CapabilityBoundingSet: ["CAP_KILL CAP_CHOWN", "~CAP_KILL CAP_SYS_PTRACE", "cap_net_raw"],
  Delegate: ["", "cpu pids", "cpu moon", "no"],
  DelegateSubgroup: ["", "a/b", "cpu.x", "_x", "tasks"],
  DeviceAllow: ["/dev/full w", "/dev/full", "char-* r", ""],
  ExecPaths: ["/usr /lib", "-/opt", ""],
  IPAddressAllow: ["10.0.0.0/8", "::1 192.0.2.7", "link-local", ""],
  IPAddressDeny: ["10.1.0.0/16", "multicast link-local", "", "10.1.2.3/9"],
  IPEgressFilterPath: ["/sys/fs/bpf/egress", "/sys//fs/bpf/x", "relative", ""],
  IPIngressFilterPath: ["/sys/fs/bpf/ingress", "/sys/fs/bpf/x/", "/a/../b", ""],
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
  LimitCORE: ["1.5K", "1G 512M", "0:infinity", "2:1", ""],
  LimitMEMLOCK: ["infinity", "8M:1G", "1K 1M", "64KB", ""],
  LimitNOFILE: ["0x10", "010", "infinity", "1K", "64:32", ""],
  LimitRTPRIO: ["5:20", "infinity", "-1", ""],
  MemoryMax: ["0", "1.5G", "infinity", "150%", "12.5%", ""],
  NFTSet: ["user:inet:t:s group:ip:t:s2", "cgroup:moon:t:s", "cgroup:inet:t", ""],
  NoExecPaths: [""],
  Personality: ["x86-64", "arm64", ""],
  ReadOnlyPaths: ["/srv/app", "-/srv /opt/x", "", "//srv//y/"],
  ReadWritePaths: ["/srv/app", "-/var /opt", "", "relative +/srv", `"/srv/with space"`],
  RestrictAddressFamilies: ["~AF_INET", "AF_LOCAL AF_ROUTE", "AF_VSOCK", ""],
  RestrictFileSystems: ["ext4", "~ext4", "tmpfs @network", ""],
  RestrictNetworkInterfaces: ["eth1 eth0", "~lo", "12", ""],
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
  SELinuxContext: ["", "a b"],
  SmackProcessLabel: ["", "x"],
  SystemCallLog: ["read write", "~read", "~write @clock", "read:EPERM", ""],
  TasksMax: ["0", "infinity", "1K", "33.33%", "0%", ""],
  UMask: ["0", "0070", "0777"],
  User: ["", "daemon"],
  Group: ["", "adm"],
};

/** systemd ignores most invalid lines, but refuses the unit for those of these: what may be written instead. */
const FATAL: ReadonlyMap<string, readonly string[]> = new Map([
  ["DynamicUser", ["no"]],
  ["RootDirectory", ["/srv/other"]],
  ["RootImage", ["/srv/other"]],
  ["RootMStack", ["/srv/other"]],
]);

/** One to three lines of a directive. */
export function linesOf(directive: AnyDirective): fc.Arbitrary<readonly Line[]> {
  const wrong = FATAL.get(directive.name) ?? ["no", "nonsense"];
  const value = fc.constantFrom(...directive.samples, ...(more[directive.name] ?? []), ...wrong);
  return fc
    .array(value, { minLength: 1, maxLength: 3 })
    .map((all) => all.map((each) => ({ name: directive.name, value: each })));
}
