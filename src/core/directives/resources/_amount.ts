/** Numbers, sizes and shares as systemd reads them. Facts: parse_size() and rlimit_parse() of systemd 257, systemd.exec(5). */

/** A number in digits, so that none is too large, or `infinity`. */
export type Amount = string;

const UNITS = ["B", "K", "M", "G", "T", "P", "E"];
const MOST = 2n ** 64n - 1n;

function within(amount: bigint): Amount | undefined {
  return amount < MOST ? String(amount) : undefined;
}

/** A plain number: decimal, with 0x, 0o or 0b, or octal after a 0. */
export function parseCount(text: string): Amount | undefined {
  if (text === "infinity") {
    return text;
  }
  if (/^0[0-7]+$/.test(text)) {
    return within(BigInt(`0o${text}`));
  }
  return /^(?:0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|[1-9]\d*|0)$/.test(text) ? within(BigInt(text)) : undefined;
}

/** A size such as `64K`, `1.5G` or `1G 500M`, whose units must get smaller; bases are 1024. */
export function parseSize(text: string): Amount | undefined {
  if (text === "infinity") {
    return text;
  }
  let total = 0n;
  let least = UNITS.length;
  let rest = text;
  while (rest !== "") {
    const match = /^(\d+)(?:\.(\d*))?\s*([BKMGTPE]?)\s*/.exec(rest);
    const [whole = "", digits = "0", fraction = "", unit = ""] = match ?? [];
    const rank = Math.max(0, UNITS.indexOf(unit));
    if (match === null || rank >= least) {
      return undefined;
    }
    const scale = 1024n ** BigInt(rank);
    total += BigInt(digits) * scale + (BigInt(fraction || "0") * scale) / 10n ** BigInt(fraction.length);
    least = rank;
    rest = rest.slice(whole.length);
  }
  return text === "" ? undefined : within(total);
}

/** An amount to compare with others. */
export function asNumber(amount: Amount): number {
  return amount === "infinity" ? Number.POSITIVE_INFINITY : Number(amount);
}

/** First systemd that reads hundredths of a percent; an older one reads tenths. */
const HUNDREDTHS_SINCE = 248;

/** A share of what the machine has, as `25%`, with at most two digits after the point. */
export function parseShare(text: string, systemd: number): string | undefined {
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?%$/.exec(text);
  const fine = (match?.[2]?.length ?? 0) < 2 || systemd >= HUNDREDTHS_SINCE;
  const value = match === null || !fine ? -1 : Number(text.slice(0, -1));
  return value >= 0 && value <= 100 ? text : undefined;
}

/** Of two amounts the smaller. */
export function lesser(a: Amount, b: Amount): Amount {
  if (a === "infinity" || b === "infinity") {
    return a === "infinity" ? b : a;
  }
  return BigInt(a) <= BigInt(b) ? a : b;
}
