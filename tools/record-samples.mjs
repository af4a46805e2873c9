/**
 * Records the fixtures of `test/samples/NAME`: what a sample service does and what its machine says of it, from a real box.
 * `node tools/record-samples.mjs [NAME…]`. What makes two recordings differ without meaning is left out: counts of hosts,
 * ids of machine and processes, lookups that found nothing.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepare, runScript } from "./setup/prepare.mjs";

const root = join(import.meta.dirname, "..");
const folder = join(root, "test/samples");
/** Stands for the neighbour's process. */
const PID = 4242;
const say = (line) => process.stderr.write(`${line}\n`);

/** The modules of Cloison that this needs; they exist once `prepare` has compiled them. */
async function compiled() {
  const from = async (path) => import(join(root, "dist", path));
  return {
    ...(await from("core/action/document.js")),
    ...(await from("core/directives/sandbox.js")),
    ...(await from("core/probes/attack.js")),
    ...(await from("core/probes/catalogue.js")),
    ...(await from("core/synthesis/synthesize.js")),
    ...(await from("engines/judges/systemd/attack.js")),
    ...(await from("engines/judges/systemd/survey.js")),
    ...(await from("engines/box/effects.js")),
    ...(await from("core/action/bound-ports.js")),
    ...(await from("core/directives/assignments.js")),
    ...(await from("engines/observe.js")),
    ...(await from("engines/life/trial.js")),
    ...(await from("engines/life/secrets.js")),
    ...(await from("engines/life/walls.js")),
    ...(await from("linux/systemd-version.js")),
  };
}

function requestFor(sample, layers) {
  return {
    target: { kind: "installed", name: sample.unit },
    workload: { command: sample.workload.join(" "), directory: root, timeoutMs: 120_000, environment: {} },
    companions: sample.start.filter((unit) => !unit.endsWith(".socket")),
    box: { layers, addresses: sample.addresses, bindReadOnly: [{ source: root, target: root }] },
    say,
  };
}

/** An action without what no wall asks for: the owner of a directory decides only over names in it. */
function trimmed(seen) {
  const needs = seen.action.needs.map((need) => {
    if (need.kind !== "path" || need.file === undefined || need.access === "create" || need.access === "remove") {
      return need;
    }
    const { parent: _parent, ...file } = need.file;
    return { ...need, file };
  });
  return { ...seen, hosts: [], action: { ...seen.action, needs } };
}

function fixtureOf(observation) {
  const nothing = new Set(["ENOENT", "ENOTDIR"]);
  const seen = observation.seen.filter(({ result }) => !nothing.has(result)).map(trimmed);
  return { ...observation, seen };
}

/** Answers of a function, kept by question. */
function remembered(ask) {
  const answers = {};
  const asked = (question) => {
    const answer = ask(question);
    answers[question] = answer ?? null;
    return answer;
  };
  return { answers, asked };
}

/** The machine as the probes ask about it, with a process number that is the same in every recording. */
function machineOf(machine, { attacksOn, probes }) {
  const { pid } = machine.neighbour;
  const file = remembered((path) => machine.file(path.replace(`/proc/${PID}/`, `/proc/${pid}/`)));
  const sysctl = remembered(machine.sysctl);
  const same = { ...machine, token: "t", neighbour: { ...machine.neighbour, pid: PID } };
  attacksOn({ ...same, file: file.asked, sysctl: sysctl.asked }, probes);
  return { ...same, file: file.answers, sysctl: sysctl.answers };
}

/** Secrets that every Debian has; others are the layer's, or belong to the machine on which it is recorded and to no sample. */
const EVERYWHERE = ["/etc/gshadow", "/etc/shadow", "/etc/ssl/private", "/var/lib/private"];

/** What the unit's settings and the search for better ones ask of the machine. */
function hostOf(service, secrets, version, observation, modules, layers) {
  const here = modules.hostOf(service, version);
  const isSample = (path) => EVERYWHERE.includes(path) || layers.some((layer) => existsSync(join(layer, path)));
  const host = { ...here, secrets: secrets.filter(isSample) };
  const users = remembered(host.user);
  const devices = remembered(host.device);
  const asking = { ...host, user: users.asked, device: devices.asked };
  const { values } = modules.sandboxOf(modules.assignmentsOf(service.unit), asking);
  modules.synthesize({ observation, values, host: asking, level: "balanced" });
  return { users: users.answers, devices: devices.answers, secrets: host.secrets };
}

/** What the unit and its machine say, as plain data. */
async function serviceIn(box, service, observation, modules, layers) {
  const { version, full } = await modules.systemdVersion();
  const { uid, gid, name } = service.account;
  const target = {
    ...(await modules.startCommandsOf(box, service.name))[0],
    name: service.name,
    ports: modules.boundPorts(observation),
    stateDirectories: service.directories,
    owner: { uid, gid },
  };
  const seen = new Set(observation.seen.flatMap(({ identities }) => identities.map((identity) => identity.uid)));
  const names = service.accounts.users.filter((user) => seen.has(user.uid)).map((user) => [user.uid, user.name]);
  return {
    systemd: { version, full },
    files: service.files,
    account: { name, uid, gid },
    names: Object.fromEntries(names),
    ...hostOf(service, await modules.secretsOf(box), version, observation, modules, layers),
    directories: service.directories,
    executables: service.executables,
    ineffective: (await modules.effects(box)).ineffective,
    machine: machineOf(await modules.survey(box, target, "t"), modules),
  };
}

async function record(name, modules) {
  const sample = JSON.parse(readFileSync(join(folder, name, "sample.json"), "utf8"));
  const layers = prepare({ want: [`layers:${sample.layer}`], say }).layers[sample.layer];
  const request = requestFor(sample, layers);
  const observation = fixtureOf(await modules.observeService(request));
  const look = (box, loaded) => serviceIn(box, loaded, observation, modules, layers);
  const service = await modules.inBox(request, undefined, look, { forAttacks: true });
  writeFileSync(join(folder, name, "observation.json"), modules.writeObservation(observation));
  writeFileSync(join(folder, name, "service.json"), `${JSON.stringify(service, undefined, 2)}\n`);
  say(`${name}: ${observation.seen.length} actions`);
}

await runScript(async () => {
  prepare({ want: ["tools", "build"], say });
  const all = readdirSync(folder).filter((name) => existsSync(join(folder, name, "sample.json")));
  const modules = await compiled();
  for (const name of process.argv.length > 2 ? process.argv.slice(2) : all) {
    await record(name, modules);
  }
  return 0;
});
