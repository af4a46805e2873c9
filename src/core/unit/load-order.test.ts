/** The expected orders are what systemd 257 answered for the same files (`systemctl show -p DropInPaths`). */
import { expect, test } from "vitest";
import { loadOrder } from "./load-order.ts";
import { parseServiceName, type UnitName, unescapeName } from "./name.ts";

const [E, U, L] = ["/etc/systemd/system", "/usr/lib/systemd/system", "/usr/local/lib/systemd/system"];

function nameOf(text: string): UnitName {
  const parsed = parseServiceName(text);
  if (!parsed.ok) {
    throw new Error(text);
  }
  return parsed.value;
}

function listOf(...paths: readonly string[]): (directory: string) => readonly string[] {
  return (directory) =>
    paths.filter((path) => path.startsWith(`${directory}/`)).map((path) => path.slice(directory.length + 1));
}

test("loadOrder: a drop-in of the unit beats its family in the same directory, a higher directory beats both, service.d never", () => {
  const list = listOf(
    `${U}/pp-qq-rr.service`,
    `${E}/service.d/a1.conf`,
    `${U}/pp-qq-rr.service.d/a1.conf`,
    `${E}/pp-.service.d/a2.conf`,
    `${U}/pp-qq-rr.service.d/a2.conf`,
    `${E}/pp-.service.d/a3.conf`,
    `${U}/pp-qq-.service.d/a3.conf`,
    `${E}/service.d/a5.conf`,
    `${U}/pp-.service.d/a5.conf`,
    `${E}/pp-qq-rr.service.d/B.conf`,
    `${E}/pp-qq-rr.service.d/.hid.conf`,
    `${E}/pp-qq-rr.service.d/README`,
    `${E}/pp-qq-rr.service.d/bak.conf~`,
    `${E}/pp-qq-rr.service.d/z_.conf`,
    `${E}/pp-qq-rr.service.d/z-.conf`,
  );
  expect(loadOrder(nameOf("pp-qq-rr.service"), list)).toEqual({
    fragment: `${U}/pp-qq-rr.service`,
    dropIns: [
      `${E}/pp-qq-rr.service.d/B.conf`,
      `${U}/pp-qq-rr.service.d/a1.conf`,
      `${E}/pp-.service.d/a2.conf`,
      `${E}/pp-.service.d/a3.conf`,
      `${U}/pp-.service.d/a5.conf`,
      `${E}/pp-qq-rr.service.d/z-.conf`,
      `${E}/pp-qq-rr.service.d/z_.conf`,
    ],
  });
});

test("loadOrder: instance, template, prefixes of the template, prefixes of the instance", () => {
  const order = ["vv-ww-xx@1", "vv-ww-xx@", "vv-ww-", "vv-", "vv-ww-@1", "vv-ww-@", "vv-@1", "vv-@"];
  for (const [index, stronger] of order.entries()) {
    const weaker = order.slice(index + 1).map((name) => `${E}/${name}.service.d/x.conf`);
    const list = listOf(`${U}/vv-ww-xx@.service`, ...weaker.reverse(), `${E}/${stronger}.service.d/x.conf`);
    expect(loadOrder(nameOf("vv-ww-xx@1.service"), list)).toEqual({
      fragment: `${U}/vv-ww-xx@.service`,
      dropIns: [`${E}/${stronger}.service.d/x.conf`],
    });
  }
});

test("loadOrder: dashes at the ends of a prefix make no family of their own", () => {
  const list = listOf(`${E}/-.service.d/x.conf`, `${E}/e--.service.d/y.conf`, `${E}/e-.service.d/y2.conf`);
  expect(loadOrder(nameOf("-dash.service"), list).dropIns).toEqual([]);
  expect(loadOrder(nameOf("e--f.service"), list).dropIns.length).toBe(2);
  expect(loadOrder(nameOf("e-.service"), list).dropIns).toEqual([`${E}/e-.service.d/y2.conf`]);
});

test("loadOrder: the highest directory gives the unit file, an alias adds its drop-ins", () => {
  const list = listOf(
    `${L}/real.service`,
    `${U}/real.service`,
    `${U}/ali.service.d/al2.conf`,
    `${U}/real.service.d/c1.conf`,
  );
  expect(loadOrder(nameOf("real"), list, { aliases: [nameOf("ali.service")] })).toEqual({
    fragment: `${L}/real.service`,
    dropIns: [`${U}/ali.service.d/al2.conf`, `${U}/real.service.d/c1.conf`],
  });
  expect(loadOrder(nameOf("none"), list)).toEqual({ dropIns: [] });
});

test("parseServiceName: parts, a missing suffix, and what is no service", () => {
  expect(nameOf("nginx")).toEqual({ name: "nginx.service", prefix: "nginx", type: "service" });
  expect(nameOf("getty@tty1.service")).toMatchObject({ prefix: "getty", instance: "tty1" });
  expect(nameOf("getty@.service")).toMatchObject({ prefix: "getty", instance: "" });
  const codeOf = (text: string) => parseServiceName(text).diagnostics[0]?.code;
  expect(codeOf("nginx.socket")).toBe("unit-not-service");
  for (const text of ["", "a b", "a/b.service", "../x.service", "a\nb", "@x.service", "x".repeat(300)]) {
    expect(codeOf(text), text).toBe("unit-bad-name");
  }
});

test("unescapeName: what systemd-escape wrote comes back", () => {
  expect(unescapeName("srv-my\\x2dapp")).toBe("srv/my-app");
  expect(unescapeName("caf\\xc3\\xa9")).toBe("café");
  expect(unescapeName("odd\\xff\\xzz")).toBe("odd\\xff\\xzz");
});
