/** Text for POSIX sh: the scripts that build a box are made of quoted words, never of raw input. */

/** One word, whatever it holds (but NUL, which no argument can hold). */
export function quote(word: string): string {
  return /^[\w/.,:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A command line of quoted words that ends the script, naming itself, when it fails. */
export function step(...argv: readonly string[]): string {
  return `${command(...argv)} || fail ${quote(argv.join(" "))}`;
}

/** A command line of quoted words. */
export function command(...argv: readonly string[]): string {
  return argv.map(quote).join(" ");
}
