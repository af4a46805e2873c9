/**
 * Fetches the units with which systemd tests how it executes programs (test/test-execute of its sources): from Debian's package
 * systemd-tests, of which only these are unpacked, into the cache. Nothing is installed, and the files (LGPL-2.1-or-later) do not
 * become part of this repository.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "./layer.mjs";
import { setupError } from "./setup-error.mjs";

const PACKAGE = "systemd-tests";
const PLACE = "usr/lib/systemd/tests/testdata/test-execute";

const FETCH = `
set -eu
apt-get download -q ${PACKAGE} || { apt-get update -q && apt-get download -q ${PACKAGE}; }
dpkg-deb --fsys-tarfile ${PACKAGE}_*.deb | tar -x ./${PLACE}
`;

function fetch(parent, final) {
  const partial = mkdtempSync(join(parent, ".partial-"));
  try {
    const fetched = spawnSync("/bin/sh", ["-c", FETCH], { cwd: partial, encoding: "utf8" });
    if (fetched.status !== 0) {
      throw setupError(`${PACKAGE} could not be fetched: ${(fetched.stderr ?? "").trim().slice(-300)}`);
    }
    if (!existsSync(final)) {
      renameSync(join(partial, PLACE), final);
    }
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Makes sure that the units are in the cache, and returns them, sorted. `say` hears of a download before it begins. */
export function ensureExecTests(say) {
  const parent = join(cacheDirectory, "exec-tests");
  const final = join(parent, PACKAGE);
  if (!existsSync(final)) {
    say(`downloading Debian's ${PACKAGE}, of which the units of test-execute are kept in ${final}`);
    mkdirSync(parent, { recursive: true, mode: 0o755 });
    fetch(parent, final);
  }
  const names = readdirSync(final).filter((name) => /^exec-.*\.service$/.test(name));
  return names.sort().map((name) => ({ name, text: readFileSync(join(final, name), "utf8") }));
}
