import { expect, test } from "vitest";
import { type CodeFiles, codeOf } from "./code.ts";
import { parseServiceName } from "./name.ts";
import { parse } from "./parse.ts";

const first: Readonly<Record<string, string>> = {
  "/usr/bin/perl": "",
  "/usr/bin/env": "",
  "/usr/bin/node": "",
  "/usr/bin/sh": "",
  "/usr/sbin/nginx": "",
  "/etc/nginx.conf": "",
  "/srv/app/app.pl": "#!/usr/bin/perl -w\n",
  "/srv/app/server.mjs": "#!/usr/bin/env node",
};
const machine: CodeFiles = { isFile: (path) => path in first, firstLine: (path) => first[path] ?? "" };

function code(...lines: readonly string[]) {
  const file = parse(["[Service]", ...lines, ""].join("\n"), "app.service");
  const name = parseServiceName("app.service");
  if (!file.ok || !name.ok) {
    throw new Error("the unit does not parse");
  }
  return codeOf({ name: name.value, files: [file.value] }, machine);
}

test("an interpreter and the script that it is given, by its path or in the working directory", () => {
  const files = ["/usr/bin/perl", "/srv/app/app.pl"];
  expect(code("ExecStart=/usr/bin/perl -w /srv/app/app.pl --port 80")).toEqual({ files, unnamed: [] });
  expect(code("WorkingDirectory=/srv/app", "ExecStart=perl app.pl")).toEqual({ files, unnamed: [] });
});

test("a script and what its first line names, through env too", () => {
  expect(code("ExecStart=/srv/app/app.pl").files).toEqual(["/srv/app/app.pl", "/usr/bin/perl"]);
  expect(code("ExecStart=/srv/app/server.mjs").files).toEqual(["/srv/app/server.mjs", "/usr/bin/env", "/usr/bin/node"]);
  expect(code("ExecStart=/usr/bin/env NODE_ENV=x node /srv/app/server.mjs").files).toEqual([
    "/usr/bin/env",
    "/usr/bin/node",
    "/srv/app/server.mjs",
  ]);
});

test("configuration of a program that is no interpreter is no code", () => {
  expect(code("ExecStart=/usr/sbin/nginx -c /etc/nginx.conf")).toEqual({ files: ["/usr/sbin/nginx"], unnamed: [] });
});

test("what an interpreter runs without a file is said to be unnamed", () => {
  expect(code("ExecStart=/usr/bin/sh -c 'exec app'")).toEqual({
    files: ["/usr/bin/sh"],
    unnamed: ["what /usr/bin/sh runs"],
  });
});
