/** docs/directives.md is written from the directives' own files: `npx vitest run -u` on this file writes it anew. */
import { expect, test } from "vitest";
import { catalogue } from "./catalogue.ts";
import type { AnyDirective } from "./directive.ts";

const GROUPS: Readonly<Record<AnyDirective["group"], string>> = {
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

function section(directive: AnyDirective): string {
  const { name, since, summary, breaks, ineffective, samples, ladder, door } = directive;
  const proposed =
    ladder === undefined
      ? "Never proposed."
      : door === undefined
        ? ""
        : `A door in ${door.map((each) => `\`${each}=\``).join(", ")}.`;
  return [
    `### \`${name}=\``,
    `${summary}${since > 1 ? ` Since systemd ${since}.` : ""} ${proposed}`.trim(),
    `* What it breaks: ${breaks}`,
    ...ineffective.map((sentence) => `* Beware: ${sentence}`),
    `* Tried with: ${samples.map((sample) => (sample === "" ? "nothing (empty)" : `\`${sample}\``)).join(", ")}`,
  ]
    .join("\n\n")
    .replaceAll("\n\n* ", "\n* ")
    .replace("\n* ", "\n\n* ");
}

function page(): string {
  const parts = Object.entries(GROUPS).flatMap(([group, title]) => [
    `## ${title}`,
    ...catalogue.filter((each) => each.group === group).map(section),
  ]);
  return `# The directives

What Cloison knows of each directive of systemd's that builds a wall. This page is written from the files of
\`src/core/directives\`, one file per directive; what each value stops is in [agreement.md](agreement.md).

${parts.join("\n\n")}
`;
}

test("every directive says in plain sentences what it does and what it breaks", () => {
  for (const { name, summary, breaks, ineffective, samples } of catalogue) {
    for (const sentence of [summary, breaks, ...ineffective]) {
      expect(sentence, name).toMatch(/^\S.*\.$/);
    }
    expect(samples, name).not.toEqual([]);
  }
});

test("the page of the directives is what their files say", async () => {
  await expect(page()).toMatchFileSnapshot("../../../docs/directives.md");
});
