import { expect, test } from "vitest";
import { parseShow, wordsOf } from "./properties.ts";

test("parseShow reads properties, repeated ones and values of several lines", () => {
  const text =
    "ExecStart={ path=/a ; argv[]=/a }\nExecStart={ path=/b }\nDescription=one\nId=two is not a property asked for\nEmpty=\n";
  const values = parseShow(text, ["ExecStart", "Description", "Empty", "Missing"]);
  expect(values.get("ExecStart")).toBe("{ path=/a ; argv[]=/a }\n{ path=/b }");
  expect(values.get("Description")).toBe("one\nId=two is not a property asked for");
  expect(values.get("Empty")).toBe("");
  expect(values.has("Missing")).toBe(false);
});

test("parseShow keeps empty lines inside a value and takes nothing for nothing", () => {
  expect(parseShow("A=1\n\n2\n", ["A"]).get("A")).toBe("1\n\n2");
  expect(parseShow("", ["A"]).size).toBe(0);
});

test("words of a list are unquoted where systemd quotes them", () => {
  expect(wordsOf('"/etc/systemd/system/my\\\\x2dshop.service.d/a.conf" /etc/b.conf')).toEqual([
    "/etc/systemd/system/my\\x2dshop.service.d/a.conf",
    "/etc/b.conf",
  ]);
  expect(wordsOf("")).toEqual([]);
});
