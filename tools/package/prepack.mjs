/**
 * What `npm pack` runs first: compiles, takes out of dist what no source stands for any more, and writes the manual page.
 * Says nothing, since npm prints its own result on the same stream.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const dist = join(root, "dist");

/** The source that a file of dist was compiled from; undefined for what is no output of the compiler. */
function sourceOf(name) {
  const match = /^(.*?)(\.d\.ts|\.js)$/.exec(name);
  return match === null ? undefined : join(root, "src", `${match[1]}.ts`);
}

function removeOrphans() {
  for (const name of readdirSync(dist, { recursive: true }).map(String)) {
    const source = sourceOf(name);
    if (source !== undefined && !existsSync(source)) {
      rmSync(join(dist, name));
    }
  }
  const folders = readdirSync(dist, { recursive: true }).map(String).sort().reverse();
  for (const name of folders) {
    const path = join(dist, name);
    if (statSync(path).isDirectory() && readdirSync(path).length === 0) {
      rmSync(path, { recursive: true });
    }
  }
}

/** The day that the page is of: that of SOURCE_DATE_EPOCH, so that the same sources give the same page. */
function edition() {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const epoch = process.env.SOURCE_DATE_EPOCH;
  return { version, date: epoch === undefined ? "" : new Date(Number(epoch) * 1000).toISOString().slice(0, 10) };
}

execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b"], {
  cwd: root,
  stdio: ["ignore", "ignore", "inherit"],
});
removeOrphans();
const { manual } = await import(join(dist, "cli/manual.js"));
const { verbs } = await import(join(dist, "cli/verbs.js"));
writeFileSync(join(dist, "cloison.1"), manual(verbs, edition()));
