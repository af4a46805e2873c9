/** `npm run demo`: sets up whatever is missing, then shows the guided demonstration (`cloison demo`). */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { prepare, runScript } from "./setup/prepare.mjs";

const root = join(import.meta.dirname, "..");

await runScript(() => {
  const say = (line) => process.stderr.write(`setup: ${line}\n`);
  const { layers } = prepare({ want: ["tools", "build", "layers:demo"], say });
  const command = [join(root, "dist/cli/main.js"), "demo", ...process.argv.slice(2)];
  const env = { ...process.env, CLOISON_DEMO_LAYERS: layers.demo.join(":") };
  const { status, error } = spawnSync(process.execPath, command, { stdio: "inherit", env });
  if (error !== undefined) {
    throw error;
  }
  return status ?? 130;
});
