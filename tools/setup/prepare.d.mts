/** The types of prepare.mjs, for tests and whoever imports it from TypeScript. */

export function prepare(options: { readonly want: readonly string[]; readonly say: (line: string) => void }): {
  readonly layers: Readonly<Record<string, readonly string[]>>;
  readonly roots: Readonly<Record<string, string>>;
  readonly execTests: readonly { readonly name: string; readonly text: string }[];
  readonly units: readonly { readonly package: string; readonly name: string; readonly text: string }[];
};
export function runScript(main: () => number | Promise<number>): Promise<void>;
