/**
 * The two small scripts outside a box. The guard is started first and reads a pipe whose other end only Cloison holds: when
 * that closes, however Cloison ended, it kills the box's cgroup and removes it. The launcher enters that cgroup and becomes
 * unshare(1). If the guard itself is killed, the kernel's parent-death signal ends launcher, unshare and the box in turn
 * (prctl(2), unshare(1) --kill-child), and an empty cgroup is all that remains.
 */
import { ENTRANCE_FD } from "./entrance-code.ts";
import { command, quote } from "./shell-text.ts";

/** Everything that the two scripts depend on. */
export interface GuardPlan {
  /** The box's own cgroup directory on the host. */
  readonly cgroup: string;
  /** A directory of its own in each hierarchy of version 1. */
  readonly oldCgroups: readonly string[];
  /** Names a transient scope of the host's systemd which makes that cgroup; undefined: the guard makes it. */
  readonly scope: string | undefined;
  readonly network: "private" | "host";
  readonly imageFd: number | undefined;
  readonly imageBytes: number;
  /** As much memory as the whole box may use, where the machine can tell. */
  readonly memoryBytes: number;
  /** Descriptors that are handed down: of the box's init script, which has no bound on its length, and of its program. */
  readonly initFd: number;
  readonly managerFd: number;
  /** What becomes an open directory of the box's cgroup. */
  readonly cgroupFd: number;
}

/** Real-time classes may have so much of each second, in a box that needs a share of its own. */
const REAL_TIME_US = 62_500;

/** Processes and threads of a whole box. */
const MOST_TASKS = 16_384;

/** The guard: standard input is the pipe to Cloison, output goes to Cloison line by line. */
export function guardScript(plan: GuardPlan): string {
  const launch = ["sh", "-c", launcherScript(plan), "cloison-box", "$$"].map((word) =>
    word === "$$" ? word : quote(word),
  );
  const scope =
    plan.scope === undefined
      ? ""
      : `${command("systemd-run", "--scope", "--quiet", "--collect", `--unit=${plan.scope}`, "--description=A rehearsal of cloison", "--slice=system.slice", "-p", "Delegate=yes", "-p", `MemoryMax=${plan.memoryBytes}`, "-p", `TasksMax=${MOST_TASKS}`, "--")} `;
  // The scope's own cgroup is systemd's to remove: where it is gone too early, systemd does not notice that the scope has ended.
  const below = plan.scope === undefined ? "" : " -mindepth 1";
  const closed = [plan.imageFd, plan.initFd, plan.managerFd]
    .flatMap((fd) => (fd === undefined ? [] : [` ${fd}>&-`]))
    .join("");
  return `trap '' HUP INT TERM PIPE
exec 2>&1
unset NODE_CHANNEL_FD NODE_CHANNEL_SERIALIZATION_MODE
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
cgroup=${quote(plan.cgroup)}
${plan.scope === undefined ? 'mkdir "$cgroup" || { echo "error make $cgroup"; exit 1; }' : ":"}
setpriv --pdeathsig KILL ${scope}${launch.join(" ")} &
box=$!
exec >/dev/null 2>&1${closed} ${ENTRANCE_FD.keeper}>&-
while read -r _; do :; done
for _ in 1 2 3 4 5 6 7 8 9 10; do
  # With the box's PID 1 gone unshare reaps it and ends; before there is one, the launcher itself has to be ended.
  if grep -q "populated 1" "$cgroup/box/cgroup.events"; then echo 1 >"$cgroup/box/cgroup.kill"; else kill -KILL "$box"; fi
  wait
  echo 1 >"$cgroup/cgroup.kill"
  find "$cgroup"${below} -depth -type d -exec rmdir {} +
${plan.oldCgroups
  .map(
    (group) => `  ${command("find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+")}
`,
  )
  .join("")}  [ -n "$(find "$cgroup"${below} -type d -print -quit)" ] || exit 0
  sleep 0.05
done`;
}

/**
 * $1 is the guard: if it died before the parent-death signal was armed, there is nobody to end the box, so do not begin.
 * Only the box's PID 1 enters box/: a manager can pass controllers on only if nothing else is in its root cgroup.
 */
function launcherScript(plan: GuardPlan): string {
  const image = plan.imageFd === undefined ? "" : makeImage(plan.imageFd, plan.imageBytes);
  const namespaces = ["--mount", "--propagation", "private", "--cgroup", "--uts", "--ipc"];
  if (plan.network === "private") {
    namespaces.push("--net");
  }
  const enter = `echo 0 >${quote(`${plan.cgroup}/box/cgroup.procs`)} && exec "$@"`;
  const init = ["sh", `/proc/self/fd/${plan.initFd}`];
  return `trap - HUP INT TERM PIPE
[ "$PPID" = "$1" ] || exit 1
cgroup=${quote(plan.cgroup)}
mkdir "$cgroup/box" "$cgroup/exec" "$cgroup/launch" && echo 0 >"$cgroup/launch/cgroup.procs" || { echo "error enter $cgroup"; exit 1; }
[ ! -e "$cgroup/memory.max" ] || echo ${plan.memoryBytes} >"$cgroup/memory.max"
[ ! -e "$cgroup/pids.max" ] || echo ${MOST_TASKS} >"$cgroup/pids.max"
for controller in $(cat "$cgroup/cgroup.controllers"); do echo "+$controller" >"$cgroup/cgroup.subtree_control"; done 2>/dev/null
${plan.oldCgroups.map(enterOld).join("")}${image}exec ${ENTRANCE_FD.keeperGroup}>"$cgroup/exec/cgroup.procs" ${plan.cgroupFd}<"$cgroup"
exec ${command("unshare", "--pid", "--fork", "--kill-child", "sh", "-c", enter, "cloison-enter", "unshare", ...namespaces, ...init)}`;
}

/**
 * The root of a version 1 hierarchy has release_agent, the name of a program that the kernel runs on the machine. A cgroup namespace
 * that begins below it never shows the file, and no remount sets it while there is a group below the root: kernel/cgroup/cgroup-v1.c.
 * The group of a cpuset takes nobody before it has processors. Where real-time classes are shared out by groups, a new one has
 * none, and what a service may do on the machine would fail in the box: it gets a sixteenth of a second's processor time.
 */
function enterOld(group: string): string {
  const filled = ["cpuset.cpus", "cpuset.mems"].map((file) => {
    const [from, to] = [quote(`${group}/../${file}`), quote(`${group}/${file}`)];
    return `{ [ ! -e ${to} ] || cat ${from} >${to}; }`;
  });
  const realTime = quote(`${group}/cpu.rt_runtime_us`);
  const shared = `{ [ ! -e ${realTime} ] || echo ${REAL_TIME_US} >${realTime}; }`;
  const steps = [command("mkdir", group), ...filled, shared, `echo 0 >${quote(`${group}/cgroup.procs`)}`];
  const note = command("echo", `note release_agent can be in reach of root in the box: no group ${group}`);
  return `{ ${steps.join(" && ")}; } 2>/dev/null || ${note}
`;
}

/** A sparse ext4 without a journal: only the box's overlay is to live there, for minutes. */
function makeImage(fd: number, bytes: number): string {
  const path = `/proc/self/fd/${fd}`;
  const options = ["-q", "-F", "-m", "0", "-O", "^has_journal", "-E", "lazy_itable_init=1,nodiscard"];
  return `${command("truncate", "-s", String(bytes), path)} && ${command("mkfs.ext4", ...options, path)} || { echo "error make a file system for what the box writes"; exit 1; }\n`;
}
