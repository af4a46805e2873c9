/**
 * What boots in a box: the least that units may lean on (journal, temporary files, users, D-Bus). Everything else of the
 * machine stays off unless a unit that is started asks for it: sources are systemd.special(7), systemd.generator(7) and the
 * load path in systemd.unit(5).
 */

/** Wanted by boot targets on the machine and kept; anything else they want is left out. */
const KEPT = new Set([
  "systemd-journald.service",
  "systemd-tmpfiles-setup.service",
  "systemd-tmpfiles-setup-dev.service",
  "systemd-tmpfiles-setup-dev-early.service",
  "systemd-sysusers.service",
  "systemd-journald.socket",
  "systemd-journald-dev-log.socket",
  "dbus.socket",
  "dbus-broker.service",
]);

/** Units that act on the machine or wait for a network; they stay masked even when something asks for them. */
const MASKED = [
  "apparmor.service",
  "ifupdown-wait-online.service",
  "kmod-static-nodes.service",
  "networking.service",
  "NetworkManager-wait-online.service",
  "proc-sys-fs-binfmt_misc.automount",
  "run-lock.mount",
  "systemd-binfmt.service",
  "systemd-firstboot.service",
  "systemd-journald-audit.socket",
  "systemd-modules-load.service",
  "systemd-networkd-wait-online.service",
  "systemd-pcrmachine.service",
  "systemd-random-seed.service",
  "systemd-remount-fs.service",
  "systemd-sysctl.service",
  "systemd-time-wait-sync.service",
  "systemd-udev-settle.service",
  "systemd-udev-trigger.service",
  "systemd-udevd-control.socket",
  "systemd-udevd-kernel.socket",
  "systemd-udevd.service",
];

/** Generators that would make units from the host's disks, consoles, kernel command line or sockets on the outside. */
const MASKED_GENERATORS = [
  "systemd-bless-boot-generator",
  "systemd-cryptsetup-generator",
  "systemd-debug-generator",
  "systemd-fstab-generator",
  "systemd-getty-generator",
  "systemd-gpt-auto-generator",
  "systemd-hibernate-resume-generator",
  "systemd-import-generator",
  "systemd-integritysetup-generator",
  "systemd-ssh-generator",
  "systemd-sshd-generator",
  "systemd-system-update-generator",
  "systemd-tpm2-generator",
  "systemd-veritysetup-generator",
];

const TARGETS = ["sysinit.target", "local-fs.target", "sockets.target", "timers.target", "paths.target"];
const UNIT_DIRECTORIES = ["etc/systemd/system", "usr/lib/systemd/system"];

/** Files below /run/systemd that make the boot small, path → content (`null`: a link to /dev/null, which masks). */
export function bootFiles(): Map<string, string | null> {
  const files = new Map<string, string | null>();
  for (const unit of MASKED) {
    files.set(`system/${unit}`, null);
  }
  for (const generator of MASKED_GENERATORS) {
    files.set(`system-generators/${generator}`, null);
  }
  files.set(
    "system/cloison.target",
    "[Unit]\nRequires=sysinit.target\nWants=dbus.service\nAfter=sysinit.target dbus.service\nAllowIsolate=yes\n",
  );
  files.set(
    "journald.conf.d/zz-cloison.conf",
    "[Journal]\nStorage=volatile\nReadKMsg=no\nAudit=no\nRateLimitBurst=0\n",
  );
  return files;
}

/**
 * Shell lines, run in the new root, that mask what boot targets want beyond KEPT. The masks lie in a .wants directory of the
 * highest precedence, so that the units themselves can still be started by name.
 */
export function trimWants(): string[] {
  const kept = [...KEPT].join("|");
  const places = TARGETS.flatMap((target) => UNIT_DIRECTORIES.map((directory) => `${directory}/${target}.wants/*`));
  return [
    `for want in ${places.join(" ")}; do`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own expansion
    "  unit=${want##*/} target=${want%/*}; target=${target##*/}",
    `  case $unit in ${kept}|*.target|'*') continue ;; esac`,
    '  mkdir -p "run/systemd/system.control/$target" && ln -sf /dev/null "run/systemd/system.control/$target/$unit" || fail "mask $unit"',
    "done",
  ];
}
