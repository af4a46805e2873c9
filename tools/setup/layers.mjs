/**
 * What is in each cached layer, as data. A recipe is Debian packages, files and a shell script run in the layer, on top
 * of another layer or of the machine itself. `nodejs` is in each: units say /usr/bin/node, wherever the machine keeps its own.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** Every file below a directory of this repository as `{from, to}`, or none if there is no such directory. */
function tree(from, to) {
  const directory = join(root, from);
  if (!existsSync(directory)) {
    return [];
  }
  return readdirSync(directory, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(directory, name)).isFile() && !name.includes("__pycache__"))
    .sort()
    .map((name) => ({ from: join(directory, name), to: join(to, name) }));
}

const demoPackages = ["valkey-server", "gunicorn", "python3-flask", "python3-redis", "imagemagick", "nodejs"];

const samplePackages = [
  ...["nginx", "apache2", "valkey-server", "valkey-tools", "systemd-journal-remote"],
  ...["php8.4-fpm", "curl", "nodejs"],
];

/** Daemons that start as root and could be given a user of their own; with samplePackages' nginx, apache2 and php-fpm. */
const daemonPackages = ["haproxy", "unbound", "bind9", "mosquitto", "dnsmasq", "logrotate"];

/** Shells that complete words, and what reads manual pages: where the Debian package is tried. */
const shellPackages = ["nodejs", "man-db", "bash-completion", "zsh", "fish"];

export const layers = {
  "demo-packages": { packages: demoPackages },
  demo: {
    base: "demo-packages",
    files: tree("examples/vulnerable-app/box", "/"),
    run: "sh /opt/bookshop/setup.sh",
  },
  shells: { packages: shellPackages },
  "sample-packages": { packages: samplePackages },
  "daemon-packages": { base: "sample-packages", packages: daemonPackages },
  daemons: {
    base: "daemon-packages",
    files: tree("test/own-user/box", "/"),
    run: "printf '\\nfrontend front\\n\\tbind :::80 v4v6\\n\\tdefault_backend site\\nbackend site\\n\\tserver one 127.0.0.1:8081\\n' >>/etc/haproxy/haproxy.cfg",
  },
  samples: {
    base: "sample-packages",
    files: tree("test/samples/node-server/box", "/"),
    run: "getent passwd notes >/dev/null || useradd --system --no-create-home notes\ninstall -d -o notes -g notes /var/lib/notes",
  },
};
