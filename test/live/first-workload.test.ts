/** A newcomer's first workload: one plain request to a service that is slow, one that shows nothing, one that fails now and then. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { exists } from "../../src/linux/exists.ts";
import { type CommandLine, commandLine, complaint, expectRefusal } from "./fixtures/command-line.ts";

let cli: CommandLine;

/** A server in Perl that answers `ok` to whoever connects, a while after it was started. */
const tcp = (port: number, before: string): string => `use Socket; ${before};
socket(L, PF_INET, SOCK_STREAM, 0); setsockopt(L, SOL_SOCKET, SO_REUSEADDR, 1);
bind(L, sockaddr_in(${port}, INADDR_LOOPBACK)) or die; listen(L, 8);
while (accept(C, L)) { syswrite C, "ok\\n"; close C }
`;

const programs: Readonly<Record<string, string>> = {
  // Late in two ways: it works for a while, then it waits; and its second port comes after the first.
  slow: tcp(8111, "my $end = time + 2; 1 while time < $end; sleep 1"),
  udp: `use Socket; socket(S, PF_INET, SOCK_DGRAM, 0); bind(S, sockaddr_in(8112, INADDR_LOOPBACK));
while (my $from = recv(S, my $said, 100, 0)) { send(S, "ok\\n", 0, $from) }`,
  // Listens on nothing, looks at the clock and a file by itself, and does something when a file says so.
  worker: `while (1) { open F, "<", "/var/lib/worker-idle"; if (-e "/var/lib/worker-job") { mkdir "/var/lib/worker-done" }
select undef, undef, undef, 0.2 }`,
};

beforeAll(() => {
  cli = commandLine();
  for (const [name, text] of Object.entries(programs)) {
    cli.file(`layer/opt/${name}.pl`, text);
    cli.file(`${name}.service`, `[Service]\nExecStart=/usr/bin/perl /opt/${name}.pl\n`);
  }
  cli.file("once.service", "[Service]\nType=oneshot\nExecStart=/usr/bin/perl -e 'mkdir \"/var/lib/once\"'\n");
});
afterAll(() => cli.remove());

const observe = (unit: string, workload: string) =>
  cli.run(["observe", unit, "--workload", workload, "--layer", "layer", "--json"]);

/** One request, and no second one: what curl does, without curl. */
const ask = (port: number): string =>
  `/usr/bin/perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0); connect(S, sockaddr_in(${port}, INADDR_LOOPBACK)) or die "refused"; exit(<S> ne "ok\\n")'`;
const send = `/usr/bin/perl -MSocket -e 'socket(S, PF_INET, SOCK_DGRAM, 0); send(S, "hello", 0, sockaddr_in(8112, INADDR_LOOPBACK)); exit(!defined recv(S, my $said, 9, 0))'`;

test("one plain request is enough, although the service is slow and traced", async () => {
  const end = await observe("./slow.service", ask(8111));
  expect(end.status, complaint(end)).toBe(0);
  expect(end.stderr).not.toContain("warning");
});

test("a request to the wrong place is answered with the right one", async () => {
  const end = await observe("./slow.service", ask(8110));
  expectRefusal(end, 3, "the workload fails", "the service listens on TCP 127.0.0.1:8111", "refused");
});

test("a workload that shows nothing ends as not decided, before anything is concluded from it", async () => {
  const out = `${cli.directory}/out`;
  const words = ["--workload", "true", "--layer", "layer", "--out", out];
  const end = await cli.run(["harden", "./udp.service", ...words]);
  expectRefusal(end, 3, "not decided: the workload shows nothing", "uses UDP 127.0.0.1:8112");
  expect(end.stderr).not.toContain("rehearsing");
  expect(await exists(out)).toBe(false);
});

const shown: readonly (readonly [what: string, unit: string, workload: string, missing: string | undefined])[] = [
  ["a socket that is not used", "./slow.service", "sleep 0.3", "none of the sockets was used"],
  ["a datagram", "./udp.service", send, undefined],
  ["a service left alone", "./worker.service", "sleep 0.5", "did nothing that it does not do when left alone"],
  ["a service at work", "./worker.service", "touch /var/lib/worker-job; sleep 0.8", undefined],
  ["a run of its own", "./once.service", "true", undefined],
  [
    "a name that is not called",
    "systemd-hostnamed.service",
    "true",
    "none of its names on the bus was called (org.freedesktop.hostname1)",
  ],
  [
    "a name that is called",
    "systemd-hostnamed.service",
    "busctl call org.freedesktop.hostname1 /org/freedesktop/hostname1 org.freedesktop.DBus.Peer Ping",
    undefined,
  ],
];

test.concurrent.each(shown)("%s is told apart", async (_, unit, workload, missing) => {
  const end = await observe(unit, workload);
  expect(end.status, complaint(end)).toBe(0);
  if (missing === undefined) {
    expect(end.stderr).not.toContain("shows nothing");
  } else {
    expect(end.stderr).toContain(missing);
  }
});
