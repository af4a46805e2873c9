/**
 * A service that opens sessions for others, with PAM, terminals and another user: it is known by what it does, and not hardened.
 * Tests src/core/action/sessions.ts.
 */
import { join } from "node:path";
import { expect, test } from "vitest";
import { hardenService } from "../../src/engines/harden.ts";

const fixtures = join(import.meta.dirname, "fixtures");
const program = join(fixtures, "sessions.py");

test("harden refuses a service that opens sessions, and says what showed that", async () => {
  const command = `bash -c 'exec 3<>/dev/tcp/127.0.0.1/8161; read -r said <&3; [ "\${said%?}" = 1000 ]'`;
  const steps: string[] = [];
  const refused = await hardenService({
    target: {
      kind: "file",
      name: "sessions.service",
      fileName: "sessions.service",
      text: `[Service]\nExecStart=/usr/bin/python3 ${program}\n`,
      dropIns: [],
    },
    workload: { command, directory: "/", timeoutMs: 60_000, environment: {} },
    companions: [],
    // A checkout below /tmp or /root is not in a box by itself.
    box: { bindReadOnly: [{ source: fixtures, target: fixtures }] },
    level: "balanced",
    clients: undefined,
    asked: { command: [], version: "" },
    say: (step) => void steps.push(step),
  }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ name: "SystemError" });
  const { message } = refused as Error;
  expect(message).toContain("it opens sessions for others");
  expect(message).toContain("asks PAM");
  expect(message).toContain("opens terminals");
  expect(message).toContain("runs programs as uid 1000");
  expect(steps.join("\n")).not.toContain("rehearsing");
});
