import { expect, test } from "vitest";
import { isOlder } from "./release.ts";

test.each<[string, string, boolean | undefined]>([
  ["5.10.0-30-amd64", "5.6", false],
  ["5.10.0-30-amd64", "5.11", true],
  ["6.1.0", "5.19", false],
  ["4.19.0", "5.1", true],
  ["6.12.41+deb13-amd64", "6.12", false],
  ["next", "6.12", undefined],
])("%s beside %s", (release, version, older) => {
  expect(isOlder(release, version)).toBe(older);
});
