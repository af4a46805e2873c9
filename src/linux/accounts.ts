/** Users and groups from the system's name service: the output of getent(1), in the form of passwd(5) and group(5). */
import { readIn, resolveIn } from "./beneath.ts";
import { type RunCommand, runCommand } from "./spawn.ts";

/** Longer by far than any list of accounts that is a file. */
const LARGEST_LIST = 1 << 24;

/** A user with every group that lists it. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** All accounts of a system. */
export interface Accounts {
  readonly users: readonly Account[];
  readonly groups: readonly { readonly name: string; readonly gid: number }[];
}

/** All accounts of this machine, or of a box. */
export async function readAccounts(run: RunCommand = runCommand): Promise<Accounts> {
  const [passwd, group] = await Promise.all([run(["getent", "passwd"]), run(["getent", "group"])]);
  return parseAccounts(passwd.stdout, group.stdout);
}

/** The accounts in the files of a system that does not run. */
export function accountsBelow(root: string): Accounts {
  const text = (path: string): string => readIn(root, resolveIn(root, path), LARGEST_LIST)?.toString("utf8") ?? "";
  return parseAccounts(text("/etc/passwd"), text("/etc/group"));
}

/** Parses the output of `getent passwd` and `getent group`; malformed lines are skipped. */
export function parseAccounts(passwd: string, group: string): Accounts {
  const groups = fields(group, 4).flatMap(([name = "", , gid = "", members = ""]) =>
    /^\d+$/.test(gid) ? [{ name, gid: Number(gid), members: members.split(",") }] : [],
  );
  const users = fields(passwd, 7).flatMap(([name = "", , uid = "", gid = ""]) => {
    const supplementary = groups.filter(({ members }) => members.includes(name)).map((each) => each.gid);
    return /^\d+$/.test(uid) && /^\d+$/.test(gid)
      ? [{ name, uid: Number(uid), gid: Number(gid), groups: supplementary }]
      : [];
  });
  return { users, groups: groups.map(({ name, gid }) => ({ name, gid })) };
}

function fields(text: string, count: number): readonly (readonly string[])[] {
  return text
    .split("\n")
    .map((line) => line.split(":"))
    .filter((parts) => parts.length >= count);
}

/** The account of a name or a decimal uid; undefined if the system knows none. */
export function accountOf({ users, groups }: Accounts, word: string): Account | undefined {
  const known = users.find(({ name, uid }) => name === word || String(uid) === word);
  if (known !== undefined) {
    return known;
  }
  const group = groups.find(({ name, gid }) => name === word || String(gid) === word);
  return group === undefined ? undefined : { name: word, uid: group.gid, gid: group.gid, groups: [] };
}
