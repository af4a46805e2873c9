/** Every observer passes the one contract suite (fixtures/observer-contract.ts). */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe } from "vitest";
import { capabilityObserver } from "../../src/engines/observers/capability/tracepoint.ts";
import { straceObserver } from "../../src/engines/observers/strace/observer.ts";
import { observerContract } from "./fixtures/observer-contract.ts";

/** This process's children with a word among their arguments: others may be observing at the same time. */
function childrenWith(word: string): readonly number[] {
  const listed = execFileSync("ps", ["--ppid", String(process.pid), "-o", "pid=,args="]).toString();
  const lines = listed.split("\n").filter((line) => line.includes(word));
  return lines.map((line) => Number.parseInt(line, 10));
}

describe("strace", () => {
  const observer = straceObserver();
  observerContract({
    observer,
    processOf: (leader) => Number(/^TracerPid:\s+(\d+)/m.exec(readFileSync(`/proc/${leader}/status`, "utf8"))?.[1]),
    traces: () => childrenWith("strace -f").join(" "),
  });
});

describe("capability", () => {
  observerContract({
    observer: capabilityObserver,
    beside: [straceObserver()],
    mayLack: ["tracefs", "tracepoint"],
    processOf: () => childrenWith("cap_capable")[0],
    traces: () => childrenWith("cap_capable").join(" "),
  });
});
