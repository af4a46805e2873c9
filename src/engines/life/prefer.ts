/**
 * The smallest set with which something still works, where some items are rather spared than others. QuickXplain:
 * U. Junker, "Preferred Explanations and Relaxations for Over-Constrained Problems", 2004. Beside delta debugging it
 * gives the same answer whatever it started from, as long as the answer is in it.
 */

/** What a search found; when `complete` is false it works, but may not be the smallest. */
export interface Preferred<T> {
  readonly items: readonly T[];
  readonly complete: boolean;
}

/**
 * Of `items`, which together with nothing left out make `works` true, those that cannot be spared; of two that do as
 * well the earlier is kept. More items must never do worse. `works` answers undefined when it will not try any more:
 * then what is known to work so far is handed out. The empty set is not asked about when `items` is a single one.
 */
export async function prefer<T>(
  items: readonly T[],
  works: (subset: readonly T[]) => Promise<boolean | undefined>,
): Promise<Preferred<T>> {
  let complete = true;
  const ask = async (subset: readonly T[]): Promise<boolean> => {
    const answer = await works(items.filter((item) => subset.includes(item)));
    if (answer === undefined) {
      complete = false;
    }
    return answer ?? false;
  };
  /** What of `open` is needed beside `fixed`; `grown`: whether `fixed` has more than when it was last found too small. */
  const needed = async (fixed: readonly T[], grown: boolean, open: readonly T[]): Promise<readonly T[]> => {
    if (grown && (await ask(fixed))) {
      return [];
    }
    if (open.length <= 1) {
      return open;
    }
    const half = Math.ceil(open.length / 2);
    const [first, second] = [open.slice(0, half), open.slice(half)];
    const ofSecond = await needed([...fixed, ...first], true, second);
    const ofFirst = await needed([...fixed, ...ofSecond], ofSecond.length > 0, first);
    return [...ofFirst, ...ofSecond];
  };
  return { items: await needed([], false, items), complete };
}
