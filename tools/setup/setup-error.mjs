/** What set-up says when it cannot go on: one message for a person, and the exit status of "could not be done". */

/** An error whose message is meant to be printed as it is, and whose `exitStatus` the process should end with. */
export function setupError(message) {
  return Object.assign(new Error(message), { exitStatus: 3 });
}
