import { expect, test } from "vitest";
import { readProfile } from "./profile.ts";

/** What is wrong with a profile, one line each: severity, code, line, column. */
function found(text: string): readonly string[] {
  return readProfile(text, "p.json").diagnostics.map(
    ({ severity, code, span }) => `${severity} ${code} ${span?.line}:${span?.column}`,
  );
}

const around = (entry: string): string => `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [\n${entry}\n]}`;

test.each<[string, string, string]>([
  ["a list", "[]", "error oci-type 1:1"],
  ["no default action", '{\n "syscalls": []}', "error oci-missing 1:1"],
  ["an unknown action", around('{"names": ["read"], "action": "SCMP_ACT_DENY"}'), "error oci-action 2:31"],
  ["a number for names", around('{"names": 7, "action": "SCMP_ACT_LOG"}'), "error oci-type 2:11"],
  [
    "a capability that there is not",
    around('{"names": ["read"], "action": "SCMP_ACT_LOG", "includes": {"caps": ["CAP_SYSADMIN"]}}'),
    "warning oci-capability 2:69",
  ],
  ["an empty name", around('{"names": [""], "action": "SCMP_ACT_LOG"}'), "error oci-names 2:12"],
  ["name and names", around('{"names": ["a"], "name": "b", "action": "SCMP_ACT_LOG"}'), "error oci-names 2:26"],
  [
    "an argument that is not there",
    around('{"names": ["read"], "action": "SCMP_ACT_LOG", "args": [{"index": 6, "value": 0, "op": "SCMP_CMP_EQ"}]}'),
    "error oci-number 2:66",
  ],
  [
    "a negative value",
    around('{"names": ["read"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": -1, "op": "SCMP_CMP_EQ"}]}'),
    "error oci-number 2:78",
  ],
  [
    "a value of 65 bits",
    around(
      '{"names": ["read"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 18446744073709551616, "op": "SCMP_CMP_EQ"}]}',
    ),
    "error oci-number 2:78",
  ],
  [
    "an unknown comparison",
    around('{"names": ["read"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 1, "op": "EQ"}]}'),
    "error oci-operator 2:87",
  ],
  [
    "a kernel without a minor number",
    around('{"names": ["read"], "action": "SCMP_ACT_LOG", "includes": {"minKernel": "5"}}'),
    "error oci-kernel 2:73",
  ],
  [
    "a field that means nothing",
    around('{"names": ["read"], "action": "SCMP_ACT_LOG", "arg": []}'),
    "warning oci-field 2:47",
  ],
  [
    "a repeated field",
    '{"defaultAction": "SCMP_ACT_LOG",\n"defaultAction": "SCMP_ACT_ALLOW"}',
    "warning oci-repeated 2:1",
  ],
  [
    "an errno that is too large",
    around('{"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5000}'),
    "warning oci-errno 2:61",
  ],
  ["a supervisor for everything", '{"defaultAction": "SCMP_ACT_NOTIFY"}', "error oci-action 1:1"],
  [
    "architectures twice",
    '{"defaultAction": "SCMP_ACT_LOG", "architectures": ["SCMP_ARCH_X86"], "archMap": [{"architecture": "SCMP_ARCH_X86"}]}',
    "error oci-architectures 1:1",
  ],
])("readProfile says where: %s", (_, text, expected) => {
  expect(found(text)).toEqual([expected]);
});

test("readProfile takes what Podman writes, null in place of lists included", () => {
  const text = `{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "defaultErrno": "ENOSYS",
    "archMap": [{"architecture": "SCMP_ARCH_RISCV64", "subArchitectures": null}],
    "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": null, "comment": "", "includes": {}, "excludes": {}}]}`;
  expect(found(text)).toEqual([]);
});

test("readProfile takes Podman's word for an error before the number", () => {
  const entry = (errno: string, more: string) =>
    `{"names": ["read"], "action": "SCMP_ACT_ERRNO", "errno": ${errno}${more}}`;
  const actions = [
    entry('"ENOSYS"', ""),
    entry('"ENOTSUP"', ', "errnoRet": 95'),
    entry('"7"', ""),
    entry('""', ', "errnoRet": 5'),
  ];
  const parsed = readProfile(`{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [${actions.join()}]}`, "p.json");
  if (!parsed.ok) {
    throw new Error(JSON.stringify(parsed.diagnostics));
  }
  expect(parsed.diagnostics).toEqual([]);
  expect(parsed.value.entries.map(({ action }) => action)).toEqual(
    ["ENOSYS", "EOPNOTSUPP", 7, 5].map((errno) => ({ kind: "errno", errno })),
  );
  expect(found(around(entry('"EFLY"', "")))).toEqual(["error oci-errno 2:58"]);
  expect(found(around(entry('"EPERM"', ', "errnoRet": 38')))).toEqual(["warning oci-errno 2:58"]);
});

test("readProfile finds the profile in a container's config.json", () => {
  const parsed = readProfile('{"process": {}, "linux": {"seccomp": {"defaultAction": "SCMP_ACT_LOG"}}}', "config.json");
  expect(parsed.ok && parsed.value.otherwise).toEqual({ kind: "log" });
});
