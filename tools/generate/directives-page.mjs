/** docs/directives.md: what the directives' own files say of them, for people to read. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const GROUPS = {
  identity: "Who the service is",
  privileges: "What it may do with root's powers",
  files: "Which files it sees and changes",
  devices: "Which devices it opens",
  kernel: "What it may tell the kernel",
  namespaces: "What it sees of others",
  network: "Whom it talks to",
  calls: "Which system calls it makes",
  memory: "What it may run",
  ipc: "What it shares",
  labels: "What a security module holds it to",
  resources: "How much of the machine it takes",
};

/** Of this very state of the sources: the catalogue may just have been written. */
async function compiled(root) {
  execFileSync(join(root, "node_modules/.bin/tsc"), ["-b", "src/core"], { cwd: root, stdio: ["ignore", 2, 2] });
  const { catalogue } = await import(join(root, "dist/core/directives/catalogue.js"));
  const { samplesOf } = await import(join(root, "dist/core/directives/samples.js"));
  return { catalogue, samplesOf };
}

const quoted = (value) => (value === "" ? "nothing (empty)" : `\`${value}\``);

/** The versions that it needs, but for what every systemd has. */
function needs({ since, kernel, section }, samples) {
  const newer = samples.filter((sample) => sample.since > since);
  return [
    section === undefined ? "" : `Stands in [${section}].`,
    since > 1
      ? `Since systemd ${since}${newer.map((each) => `, ${quoted(each.value)} since ${each.since}`).join("")}.`
      : "",
    since <= 1 && newer.length > 0
      ? `${newer.map((each) => `${quoted(each.value)} since systemd ${each.since}`).join(", ")}.`
      : "",
    kernel === undefined ? "" : `Needs Linux ${kernel}.`,
  ];
}

/** What the values bring along, each set of lines once. */
function implied(samples) {
  const sets = new Map();
  for (const { value, implies } of samples.filter((each) => each.implies.length > 0)) {
    const text = implies.map(quoted).join(", ");
    sets.set(text, [...(sets.get(text) ?? []), quoted(value)]);
  }
  return [...sets].map(([text, values]) =>
    values.length === samples.length
      ? `* Implies: ${text}`
      : `* ${values.join(", ")} ${values.length === 1 ? "implies" : "imply"}: ${text}`,
  );
}

function proposed({ ladder, door }) {
  if (typeof ladder !== "function") {
    return `Never proposed: ${ladder.never}`;
  }
  return door === undefined ? "" : `A door in ${door.map((each) => `\`${each}=\``).join(", ")}.`;
}

function section(directive, samples) {
  const { name, summary, breaks, broke = [], weight, ineffective } = directive;
  const list = [
    ...implied(samples),
    `* What it breaks: ${breaks}`,
    ...broke.map(({ sentence, reference }) => `* It broke: ${sentence} (${reference})`),
    ...ineffective.map((sentence) => `* Beware: ${sentence}`),
    ...(weight === undefined ? [] : [`* Weight in \`systemd-analyze security\`: ${weight}`]),
    `* Tried with: ${samples.map(({ value }) => quoted(value)).join(", ")}`,
  ];
  const words = [summary, ...needs(directive, samples), proposed(directive)];
  return `### \`${name}=\`

${words.filter((each) => each !== "").join(" ")}

${list.join("\n")}`;
}

export async function generate(root) {
  const { catalogue, samplesOf } = await compiled(root);
  const strange = catalogue.find(({ group }) => GROUPS[group] === undefined);
  if (strange !== undefined) {
    throw new Error(`${strange.name}: no title for the group ${strange.group}`);
  }
  const parts = Object.entries(GROUPS).flatMap(([group, title]) => [
    `## ${title}`,
    ...catalogue.filter((each) => each.group === group).map((each) => section(each, samplesOf(each))),
  ]);
  const text = `# The directives

What Cloison knows of each directive of systemd's that builds a wall. This page is written from the files of
\`src/core/directives\`, one file per directive; what each value stops is in [agreement.md](agreement.md).

${parts.join("\n\n")}
`;
  return [{ path: "docs/directives.md", from: "", text }];
}
