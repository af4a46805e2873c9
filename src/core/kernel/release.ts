/** Releases of Linux as `uname -r` writes them, "6.12.41+deb13-amd64", beside the versions in which something came. */

function numbersIn(text: string): readonly [number, number] | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}

/** Whether a release is older than a version, "5.6"; undefined where it says none. */
export function isOlder(release: string, version: string): boolean | undefined {
  const [own, asked] = [numbersIn(release), numbersIn(version)];
  if (own === undefined || asked === undefined) {
    return undefined;
  }
  return own[0] < asked[0] || (own[0] === asked[0] && own[1] < asked[1]);
}
