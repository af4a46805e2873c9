import { expect, test } from "vitest";
import { linesOf } from "./cases.ts";
import { caseOfUnit } from "./unit-case.ts";

const ship = (name: string, ...lines: readonly string[]) =>
  caseOfUnit({ package: "app", name, text: `[Unit]\nDescription=x\n[Service]\n${lines.join("\n")}\n` });

test("caseOfUnit: what bears on isolation, in order, under current names, specifiers expanded", () => {
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
  expect(found?.unit).toBe("app/app@.service");
  expect(found === undefined ? [] : linesOf(found)).toEqual([
    "ProtectHome=yes",
    "ReadOnlyPaths=/a",
    "ReadOnlyPaths=",
    "PAMName=login",
    "ReadWritePaths=/srv/app/test",
  ]);
});

test("caseOfUnit: a name, a place or a share alone shuts nothing off", () => {
  expect(ship("app.service", "ExecStart=/usr/bin/app", "User=app", "RuntimeDirectory=app", "LimitNOFILE=64K")).toBe(
    undefined,
  );
  expect(ship("app.service", "ExecStart=/usr/bin/app")).toBe(undefined);
});

test("caseOfUnit: what is no unit file is refused, by name", () => {
  expect(() => caseOfUnit({ package: "app", name: "app.service", text: "[Service" })).toThrow(/app\.service|section/);
});
