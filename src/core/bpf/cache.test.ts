import { expect, test } from "vitest";
import { assembleText } from "./assemble-text.ts";
import { analyseCache, cacheableNumbers } from "./cache.ts";
import type { Program } from "./instruction.ts";

function programOf(text: string): Program {
  const result = assembleText(text);
  if (!result.ok) {
    throw new Error(JSON.stringify(result.diagnostics));
  }
  return result.value.program;
}

const X86_64 = 0xc000003e;
const READ = 0;
const SOCKET = 41;
const REBOOT = 169;

/** Allows all but reboot and some families of sockets; each line with its index. */
const filter = programOf(`
.abi x86_64
        ld nr                   ; 0
        jeq reboot, no          ; 1
        jne socket, yes         ; 2
        ld args[0].lo           ; 3
        jeq 40, no              ; 4
yes:    ret ALLOW               ; 5
no:     ret ERRNO(1)            ; 6
`);

test("analyseCache: a call is cached where nothing but its number decides, and says what spoils it", () => {
  expect(analyseCache([filter], X86_64, [READ, SOCKET, REBOOT])).toEqual({
    cached: [READ],
    spoilt: [
      { number: SOCKET, filter: 0, at: 3, reason: "reads args[0].lo" },
      { number: REBOOT, filter: 0, at: 6, reason: "returns ERRNO(1)" },
    ],
  });
});

test("analyseCache: one filter of a stack is enough to spoil a call, and the oldest one is named", () => {
  const logs = programOf("ret LOG\n");
  const allows = programOf("ret ALLOW\n");
  expect(analyseCache([allows, filter], X86_64, [READ]).cached).toEqual([READ]);
  expect(analyseCache([allows, logs, filter], X86_64, [SOCKET]).spoilt).toEqual([
    { number: SOCKET, filter: 1, at: 0, reason: "returns LOG" },
  ]);
});

test("analyseCache: ALLOW with data in its lower bits is not the one that the kernel looks for", () => {
  const odd = programOf("ret 0x7fff0001\n");
  expect(analyseCache([odd], X86_64, [READ]).spoilt).toMatchObject([{ reason: "returns 0x7fff0001" }]);
});

test("cacheableNumbers: x32 and mips have no cache, arm's private calls lie beyond it", () => {
  expect(cacheableNumbers("x86_64")).toContain(SOCKET);
  expect(cacheableNumbers("x32")).toEqual([]);
  expect(cacheableNumbers("mips64el")).toEqual([]);
  expect(Math.max(...cacheableNumbers("arm"))).toBeLessThan(0xf0000);
});
