/**
 * What a service and its workload print, get and send holds secrets; none of it may stand in a file that harden leaves.
 * One secret for each way out, as itself and as programs like to encode it. That the terminal shows some of them tells
 * that they were really said.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandLine, commandLine, type Ended } from "./fixtures/command-line.ts";

const PORT = 8141;
const WAYS = [
  ...["stdout", "stderr", "logger", "failure", "environment", "environmentFile", "argument", "file", "reply"],
  ...["workloadStdout", "workloadStderr", "workloadFailure", "workloadEnvironment", "request"],
] as const;

let cli: CommandLine;
let secrets: Readonly<Record<string, string>>;
const of = (way: (typeof WAYS)[number]): string => secrets[way] ?? "";

beforeAll(() => {
  cli = commandLine();
  secrets = Object.fromEntries(WAYS.map((way) => [way, `S${randomBytes(12).toString("hex")}`]));
  cli.file("layer/opt/secret.txt", `${of("file")}\n`);
  cli.file("layer/opt/secret.env", `FROM_FILE=${of("environmentFile")}\n`);
});
afterAll(() => cli.remove());

/** A server in Perl that says its secrets in every way, under a shell that knows one in its command. */
function service(name: string, dies: string): string {
  cli.file(
    `layer/opt/${name}.pl`,
    `use Socket; $| = 1;
sub fail { system "logger", "-t", "${name}", "${of("failure")} by logger"; die "${of("failure")} is why\\n" }
open F, "<", "/opt/secret.txt"; my $file = <F>;
open O, ">", "/var/lib/${name}.state"; print O "$file$ENV{TOKEN}$ENV{FROM_FILE}@ARGV"; close O;
print "${of("stdout")}\\n"; print STDERR "${of("stderr")}\\n"; system "logger", "-t", "${name}", "${of("logger")}";
${dies};
socket(L, PF_INET, SOCK_STREAM, 0); setsockopt(L, SOL_SOCKET, SO_REUSEADDR, 1);
bind(L, sockaddr_in(${PORT}, INADDR_LOOPBACK)) or die; listen(L, 8);
while (accept(C, L)) { my $asked = <C>; print "$asked"; syswrite C, "${of("reply")}\\n"; close C }
`,
  );
  cli.file(
    `${name}.service`,
    `[Service]
Environment=TOKEN=${of("environment")}
EnvironmentFile=/opt/secret.env
ExecStart=/bin/sh -c 'exec /usr/bin/perl /opt/${name}.pl ${of("argument")}'
`,
  );
  return `./${name}.service`;
}

/** A workload whose own text holds no secret: that is kept, so that others can tell what was done. */
function workload(ends: string): string {
  cli.file(
    "ask.pl",
    `use Socket; print "${of("workloadStdout")}\\n"; print STDERR "${of("workloadStderr")} $ENV{WORKLOAD_TOKEN}\\n";
socket(S, PF_INET, SOCK_STREAM, 0); connect(S, sockaddr_in(${PORT}, INADDR_LOOPBACK)) or die "${of("workloadFailure")}: $!\\n";
syswrite S, "${of("request")}\\n"; my $answer = <S>; print $answer; ${ends};
`,
  );
  return `/usr/bin/perl ${cli.directory}/ask.pl`;
}

async function harden(
  name: string,
  dies: string,
  ends: string,
): Promise<{ readonly out: string; readonly end: Ended }> {
  const out = join(cli.directory, `out-${name}`);
  const words = [service(name, dies), "--workload", workload(ends), "--layer", "layer", "--out", out, "--verbose"];
  const env = { WORKLOAD_TOKEN: of("workloadEnvironment") };
  return { out, end: await cli.run(["harden", ...words], { env, timeoutMs: 500_000 }) };
}

/** The secrets in a text, by the way they came, and how they are written there. */
function secretsIn(text: string): readonly string[] {
  return WAYS.flatMap((way) => {
    const bytes = Buffer.from(of(way));
    // In base64 the three bytes before decide how it looks: the middle of it, for each of three places.
    const base64 = [0, 1, 2].map((at) =>
      Buffer.concat([Buffer.alloc(at), bytes])
        .toString("base64")
        .slice(4, -4),
    );
    const forms = { plain: [of(way)], hex: [bytes.toString("hex")], bytes: [[...bytes].join(",")], base64 };
    return Object.entries(forms)
      .filter(([, any]) => any.some((form) => text.includes(form)))
      .map(([form]) => `${way}, ${form}`);
  });
}

function leaksIn(out: string): Readonly<Record<string, readonly string[]>> {
  const files = existsSync(out) ? readdirSync(out) : [];
  const found = files.map((file) => [file, secretsIn(readFileSync(join(out, file), "utf8"))] as const);
  return Object.fromEntries(found.filter(([, ways]) => ways.length > 0));
}

const FIVE = ["hardening.conf", "observation.json", "report.html", "report.json", "report.txt"];
const NOTHING_FAILS = "1";
/** `/proc/kmsg` is a mount behind ProtectKernelLogs=yes, though no call of the service is refused. */
const WALLED = 'open M, "<", "/proc/self/mountinfo"; my $walled = grep(m{ /proc/kmsg }, <M>)';

test("what is said and sent where all is well stays out of every file", { timeout: 500_000 }, async () => {
  const { out, end } = await harden("well", NOTHING_FAILS, "1");
  expect(end.status, end.stderr).toBeLessThan(2);
  expect(readdirSync(out).sort()).toEqual(FIVE);
  expect(leaksIn(out)).toEqual({});
  expect(secretsIn(end.stdout)).toEqual([]);
  expect(secretsIn(end.stderr)).toEqual([]);
});

test("so it does where walls break the service and are loosened", { timeout: 500_000 }, async () => {
  const { out, end } = await harden("walled", `${WALLED}; fail() if $walled`, "1");
  expect(end.status, end.stderr).toBeLessThan(2);
  expect(readdirSync(out).sort()).toEqual(FIVE);
  expect(readFileSync(join(out, "report.txt"), "utf8")).toContain("ProtectKernelLogs= loosened: start fails");
  expect(leaksIn(out)).toEqual({});
});

test("where the service fails, the terminal alone is told why", { timeout: 500_000 }, async () => {
  const { out, end } = await harden("fails", "fail()", "1");
  expect(end.status, end.stderr).toBe(3);
  expect(secretsIn(end.stderr)).toEqual(expect.arrayContaining(["failure, plain"]));
  expect(leaksIn(out)).toEqual({});
});

test("where the workload fails, too", { timeout: 500_000 }, async () => {
  const { out, end } = await harden("asked", NOTHING_FAILS, `die "${of("workloadFailure")} at last\\n"`);
  expect(end.status, end.stderr).toBe(3);
  expect(secretsIn(end.stderr)).toEqual(expect.arrayContaining(["workloadStdout, plain", "workloadFailure, plain"]));
  expect(leaksIn(out)).toEqual({});
});
