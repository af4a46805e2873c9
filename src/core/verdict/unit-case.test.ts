import { expect, test } from "vitest";
import { linesOf } from "./cases.ts";
import { casesOfUnit } from "./unit-case.ts";

const ship = (name: string, ...lines: readonly string[]) =>
  casesOfUnit({ package: "app", name, text: `[Unit]\nDescription=x\n[Service]\n${lines.join("\n")}\n` });

test("casesOfUnit: what bears on isolation, in order, under current names, specifiers expanded", () => {
  const found = ship(
    "app@.service",
    "ExecStart=/usr/bin/app",
    "Restart=always",
    "ProtectHome=yes",
    "ReadOnlyPaths=/a",
    "ReadOnlyPaths=",
    "PAMName=login",
    "ReadWriteDirectories=/srv/%p/%i",
  );
  expect(found.map(({ unit, prefix }) => [unit, prefix])).toEqual([["app/app@.service", undefined]]);
  expect(found.flatMap(linesOf)).toEqual([
    "ProtectHome=yes",
    "ReadOnlyPaths=/a",
    "ReadOnlyPaths=",
    "PAMName=login",
    "ReadWritePaths=/srv/app/test",
  ]);
});

test("casesOfUnit: a name, a place or a share alone shuts nothing off", () => {
  expect(ship("app.service", "ExecStart=/usr/bin/app", "User=app", "RuntimeDirectory=app", "LimitNOFILE=64K")).toEqual(
    [],
  );
  expect(ship("app.service", "ExecStart=/usr/bin/app")).toEqual([]);
});

test("casesOfUnit: one for each kind of prefix", () => {
  const found = ship(
    "app.service",
    "Type=oneshot",
    "ProtectHome=yes",
    "ExecStartPre=+-/usr/bin/install -d /x",
    "ExecStart=-/usr/bin/app ; !!@/usr/bin/app b",
    "ExecStart=:/usr/bin/app",
  );
  expect(found.map(({ prefix }) => prefix)).toEqual([undefined, "+", "!!"]);
});

test("casesOfUnit: what is no unit file is refused, by name", () => {
  expect(() => casesOfUnit({ package: "app", name: "app.service", text: "[Service" })).toThrow(/app\.service|section/);
});
