/** The one error for an environment that does not do what it should: a missing tool, a refused call, a full disk. */

/** What could not be done, on what, and why. The command line turns it into one message and exit status 3. */
export class SystemError extends Error {
  readonly operation: string;
  readonly path: string | undefined;
  readonly code: string | undefined;
  readonly help: string | undefined;
  /** Output of other programs about it, by line. It may hold secrets, so it is only for the terminal. */
  readonly lines: readonly string[];

  constructor(
    operation: string,
    details: {
      path?: string;
      code?: string;
      reason?: string;
      help?: string;
      lines?: readonly string[];
      cause?: unknown;
    } = {},
  ) {
    const on = details.path === undefined ? "" : ` ${details.path}`;
    const why = details.reason ?? reasonOf(details.cause) ?? details.code;
    super(`${operation}${on}${why === undefined ? "" : `: ${why}`}`, { cause: details.cause });
    this.name = "SystemError";
    this.operation = operation;
    this.path = details.path;
    this.code = details.code ?? codeOf(details.cause);
    this.help = details.help;
    this.lines = details.lines ?? [];
  }
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
}

function reasonOf(cause: unknown): string | undefined {
  // Node says `ENOENT: no such file or directory, open '/x'`; our message has operation and path already.
  return cause instanceof Error ? cause.message.replace(/^E[A-Z0-9]+: (.+?), \w+( '.*)?$/s, "$1") : undefined;
}
