/** File names as a compromised service might choose them: with line ends, quotes, expansions, or invalid text. */
import fc from "fast-check";

const PIECES = [
  "\n",
  "\r",
  "\nExecStart=/bin/sh",
  '"',
  "'",
  "\\",
  "\\n",
  "\\x41",
  "%",
  "%%",
  "%n",
  "%h",
  "$",
  "$PATH",
  "{x}",
  "$$",
  ";",
  " ; ",
  "\\;",
  "#",
  "[Install]",
  "=",
  " ",
  "\t",
  "\u001b[31m",
  "\u0007",
  "\u007f",
  "\u0085",
  "\u2028",
  "\u00a0",
  "\ufeff",
  "\ud800",
  "<script>",
  "/srv",
  "é",
  "☃",
  "𝄞",
  "..",
  "*",
  "~",
  "-",
  "+",
  ":",
];

/** Up to a few hostile pieces with ordinary text between them; about half of the samples hold no control character. */
export const hostileText: fc.Arbitrary<string> = fc
  .tuple(
    fc.boolean(),
    fc.array(
      fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: "binary", maxLength: 3 }), fc.string({ maxLength: 4 })),
      {
        maxLength: 6,
      },
    ),
  )
  .map(([tame, pieces]) => {
    const text = pieces.join("");
    return tame ? text.replace(/\p{Control}/gu, "") : text;
  });
