/**
 * Fetches service units that strangers wrote: those of Debian packages, of which only the unit files are unpacked, into the
 * cache. Nothing is installed, and the files do not become part of this repository.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory, removeStale } from "./layer.mjs";
import { setupError } from "./setup-error.mjs";

/** Packages of Debian 13 with services behind walls. */
const PACKAGES = `
  accountsservice apache2 atftpd auditd biboumi bluez bluez-meshd bolt borgmatic caddy certbot chrony cockpit-ws
  colord coturn dbus-broker dhcpcd dnscrypt-proxy dnsdist dovecot-core e2fsprogs earlyoom endlessh firewalld
  fort-validator fprintd freeradius fwupd gdnsd geoclue-2.0 gssproxy haproxy haveged hitch iio-sensor-proxy irqbalance
  iwd jitterentropy-rngd kea-dhcp-ddns-server kea-dhcp4-server kea-dhcp6-server knot knot-resolver krb5-admin-server
  krb5-kdc lldpd logrotate low-memory-monitor luanti-server man-db mandos mariadb-server memcached minissdpd miniupnpd
  modemmanager mpd mumble-server munin-node nagios-nrpe-server nbd-server network-manager nftables nghttp2-proxy
  ngircd nohang nsd nslcd ntpd-rs ntpsec nullmailer nvme-cli ocserv openbgpd openntpd openvpn osmo-bsc osmo-ggsn
  osmo-hlr osmo-mgw osmo-msc osmo-pcu osmo-sgsn osmo-stp pcscd pdns-recursor pdns-server pesign plocate polkitd
  postfix postfix-mta-sts-resolver power-profiles-daemon radicale radsecproxy redis-sentinel redis-server rpki-client
  rsync rsyslog rtkit shadowsocks-libev spamd sslh sssd-common sssd-dbus sssd-kcm stubby suricata switcheroo-control
  syncthing systemd systemd-container systemd-coredump systemd-homed systemd-journal-remote systemd-oomd
  systemd-resolved systemd-timesyncd systemd-userdbd tayga tinyproxy tomcat10 tomcat11 tor transmission-daemon udev
  upower usbguard util-linux uuid-runtime valkey-sentinel valkey-server varnish vnstat wsdd2 xfsprogs xrdp yggdrasil
  znc
`
  .trim()
  .split(/\s+/);

/** Raised whenever what is unpacked changes. */
const RECIPE_VERSION = 1;

/** Unpacks from each package in the current directory the units that it has, into a directory of its name. */
const UNPACK = `
set -eu
for archive in *.deb; do
  package=\${archive%%_*}
  mkdir -p "units/$package" tree
  dpkg-deb --fsys-tarfile "$archive" | tar -x -C tree --wildcards --no-wildcards-match-slash \\
    './usr/lib/systemd/system/*.service' './lib/systemd/system/*.service' 2>/dev/null || :
  find tree -type f -name '*.service' -exec mv {} "units/$package/" ';'
  rm -rf tree "$archive"
done
`;

function run(command, args, cwd) {
  return spawnSync(command, args, { cwd, encoding: "utf8", env: { ...process.env, LC_ALL: "C.UTF-8" } });
}

function download(directory) {
  const get = () => run("apt-get", ["download", "-q", ...PACKAGES], directory);
  const got = get();
  if (got.status === 0) {
    return;
  }
  const update = run("apt-get", ["update", "-q"], directory);
  const again = update.status === 0 ? get() : update;
  if (again.status !== 0) {
    throw setupError(`apt-get could not download packages with units: ${(again.stderr ?? "").trim().slice(-300)}`);
  }
}

function fetch(parent, final) {
  const partial = mkdtempSync(join(parent, ".partial-"));
  try {
    download(partial);
    const unpacked = run("/bin/sh", ["-c", UNPACK], partial);
    if (unpacked.status !== 0) {
      throw setupError(`units of packages could not be unpacked: ${(unpacked.stderr ?? "").trim().slice(-300)}`);
    }
    if (!existsSync(final)) {
      renameSync(join(partial, "units"), final);
    }
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/**
 * Makes sure that the units are in the cache, and returns them, sorted: package, name of the file, text. `say` hears of a
 * download before it begins.
 */
export function ensureUnits(say) {
  const hash = createHash("sha256")
    .update(JSON.stringify([RECIPE_VERSION, PACKAGES]))
    .digest("hex")
    .slice(0, 12);
  const parent = join(cacheDirectory, "units");
  const final = join(parent, hash);
  if (!existsSync(final)) {
    say(`downloading ${PACKAGES.length} Debian packages (100 MB), of which only the units are kept, in ${final}`);
    mkdirSync(parent, { recursive: true, mode: 0o755 });
    fetch(parent, final);
    removeStale(parent);
  }
  utimesSync(final, new Date(), new Date());
  return readdirSync(final)
    .sort()
    .flatMap((of) =>
      readdirSync(join(final, of))
        .sort()
        .map((name) => ({ package: of, name, text: readFileSync(join(final, of, name), "utf8") })),
    );
}
