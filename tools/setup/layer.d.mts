/** The types of layer.mjs, for tests and whoever imports it from TypeScript. */

export interface Recipe {
  readonly base?: string;
  readonly packages?: readonly string[];
  readonly files?: readonly { readonly from: string; readonly to: string; readonly mode?: number }[];
  readonly run?: string;
}
export const cacheDirectory: string;
export function layerStack(name: string, recipes: Readonly<Record<string, Recipe>>): readonly string[];
/** Removes what of a directory nobody has used for a week. */
export function removeStale(directory: string): void;
export function ensureLayer(
  name: string,
  recipes: Readonly<Record<string, Recipe>>,
  say: (line: string) => void,
): readonly string[];
