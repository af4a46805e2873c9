/** Damaged and random traces: nothing throws, nothing is lost silently. Tests src/core/trace. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { callOf } from "../../src/core/action/action.ts";
import { readObservation, writeObservation } from "../../src/core/action/document.ts";
import { capabilityReader } from "../../src/core/trace/capability/reader.ts";
import { readStrace, straceReader } from "../../src/core/trace/strace/reader.ts";
import { textOfIpv6 } from "../../src/core/trace/strace/socket-address.ts";
import { readValue } from "../../src/core/trace/strace/value.ts";
import { collector } from "../../src/core/trace/tree/collect.ts";

const traces = ["files.raw", "net.raw", "proc.raw", "pidns.raw", "files.named", "net.named", "proc.named"].map((name) =>
  readFileSync(new URL(`../samples/traces/${name}.strace`, import.meta.url), "utf8"),
);
const lines = traces.flatMap((trace) => trace.split("\n"));

const garbage = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('"', "<", ">", "(", ")", "{", "}", "[", ",", " <unfinished ...>", "\\", "/*", " = ", "=>", "->", "|"),
);

const damaged = fc
  .tuple(fc.constantFrom(...lines), fc.nat(), fc.nat(6), garbage)
  .map(([line, at, length, inserted]) => {
    const from = line.length === 0 ? 0 : at % line.length;
    return line.slice(0, from) + inserted + line.slice(from + length);
  });

test("10,000 damaged lines never throw, and what is understood of them is a document that can be read back", () => {
  fc.assert(
    fc.property(fc.array(damaged, { minLength: 1, maxLength: 12 }), (text) => {
      const observation = readStrace(text.join("\n"), { unit: "a.service" });
      expect(readObservation(writeObservation(observation)).ok).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("every damaged line leaves a trace: an action, a gap, or a line that says nothing", () => {
  fc.assert(
    fc.property(damaged, (line) => {
      const { seen, gaps } = readStrace(line, { unit: "a.service" });
      const silent = /^(\d+ +)?(\[ Process|\+\+\+|---.*---$|strace: |\?+|<detached \.\.\.>|$)/.test(line);
      expect(seen.length + gaps.length > 0 || silent).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

/** A name as strace quotes it: everything but plain ASCII as octal bytes. */
function printed(name: string, quote: string): string {
  return [...new TextEncoder().encode(name)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      const special = byte < 0x20 || byte > 0x7e || character === "\\" || character === quote || character === '"';
      return special ? `\\${byte.toString(8).padStart(3, "0")}` : character;
    })
    .join("");
}

test("any path comes out as it went in, quoted or as the name of a descriptor", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (name) => {
      expect(readValue(`"${printed(name, '"')}"`)).toMatchObject({ kind: "text", text: name, cut: false });
      if (name.endsWith(" (deleted)")) {
        return;
      }
      expect(readValue(`3</${printed(name, ">")}>`)).toMatchObject({ kind: "descriptor", number: 3, path: `/${name}` });
    }),
    { numRuns: 2000 },
  );
});

test("hostile names change nothing but the path", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (name) => {
      const path = `/x${name.replaceAll("/", "").replaceAll("\0", "")}`;
      const line = `7 openat(-100</>, "${printed(path, '"')}", 0x0) = -1 ENOENT (No such file or directory)`;
      const { seen, gaps } = readStrace(line, { unit: "a.service" });
      expect(gaps).toEqual([]);
      expect(seen.map(({ action }) => action.needs)).toEqual([[{ kind: "path", path, access: "read" }]]);
    }),
    { numRuns: 2000 },
  );
});

test("memory grows with the distinct actions, not with the lines", () => {
  const reader = straceReader({ unit: "a.service" });
  for (let round = 0; round < 5000; round++) {
    const pid = 100 + round;
    reader.line(`50 clone(child_stack=NULL, flags=0x1200000|17) = ${pid}`);
    reader.line(`${pid} openat(-100</>, "/etc/hosts", 0) = 3</etc/hosts>`);
    reader.line(`${pid} +++ exited with 0 +++`);
  }
  const { seen, gaps } = reader.finish();
  expect(gaps).toEqual([]);
  expect(seen.map(({ action, count }) => [callOf(action)?.name, count])).toEqual([
    ["clone", 5000],
    ["openat", 5000],
  ]);
});

test("IPv6 addresses are written as the URL standard writes them", () => {
  const bytes = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })), { minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(bytes, (address) => {
      const groups = Array.from({ length: 8 }, (_, at) =>
        (((address[2 * at] as number) << 8) | (address[2 * at + 1] as number)).toString(16),
      );
      const mapped = groups.slice(0, 5).every((group) => group === "0") && groups[5] === "ffff";
      const expected = new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
      const text = textOfIpv6(address);
      expect(mapped ? new URL(`http://[${text}]/`).hostname.slice(1, -1) : text).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});

const events = readFileSync(new URL("../samples/traces/capabilities.trace", import.meta.url), "utf8").split("\n");

test("damaged capability events never throw", () => {
  const broken = fc
    .tuple(fc.constantFrom(...events), fc.nat(), fc.nat(6), garbage)
    .map(([line, at, length, inserted]) => {
      const from = line.length === 0 ? 0 : at % line.length;
      return line.slice(0, from) + inserted + line.slice(from + length);
    });
  const identity = { uid: 0, gid: 0 };
  const own = () => ({ first: identity, last: identity, executable: "/bin/a" });
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...events), broken), { maxLength: 60 }), (text) => {
      const reader = capabilityReader("x86_64");
      for (const line of text) {
        reader.line(line);
      }
      const collect = collector("a.service");
      reader.finish({ own }, collect);
      expect(readObservation(writeObservation(collect.finish())).ok).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
