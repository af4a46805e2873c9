/** The types of machine.mjs, for tests and whoever imports it from TypeScript. */

export function ensureMachine(say: (line: string) => void): {
  readonly kernel: string;
  readonly initrd: string;
  readonly apparmorParser: string;
};
