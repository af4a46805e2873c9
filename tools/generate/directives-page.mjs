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
};

/** Of this very state of the sources: the catalogue may just have been written. */
function compiledCatalogue(root) {
  execFileSync(join(root, "node_modules/.bin/tsc"), ["-b", "src/core"], { cwd: root, stdio: ["ignore", 2, 2] });
  return import(join(root, "dist/core/directives/catalogue.js"));
}

function proposed({ ladder, door }) {
  if (ladder === undefined) {
    return "Never proposed.";
  }
  return door === undefined ? "" : `A door in ${door.map((each) => `\`${each}=\``).join(", ")}.`;
}

function section(directive) {
  const { name, since, summary, breaks, ineffective, samples } = directive;
  const list = [
    `* What it breaks: ${breaks}`,
    ...ineffective.map((sentence) => `* Beware: ${sentence}`),
    `* Tried with: ${samples.map((sample) => (sample === "" ? "nothing (empty)" : `\`${sample}\``)).join(", ")}`,
  ];
  return `### \`${name}=\`

${`${summary}${since > 1 ? ` Since systemd ${since}.` : ""} ${proposed(directive)}`.trim()}

${list.join("\n")}`;
}

export async function generate(root) {
  const { catalogue } = await compiledCatalogue(root);
  const strange = catalogue.find(({ group }) => GROUPS[group] === undefined);
  if (strange !== undefined) {
    throw new Error(`${strange.name}: no title for the group ${strange.group}`);
  }
  const parts = Object.entries(GROUPS).flatMap(([group, title]) => [
    `## ${title}`,
    ...catalogue.filter((each) => each.group === group).map(section),
  ]);
  const text = `# The directives

What Cloison knows of each directive of systemd's that builds a wall. This page is written from the files of
\`src/core/directives\`, one file per directive; what each value stops is in [agreement.md](agreement.md).

${parts.join("\n\n")}
`;
  return [{ path: "docs/directives.md", from: "", text }];
}
