/**
 * The names of a service on the system bus, and whether somebody calls them. Of messages only sender and receiver are
 * looked at. Facts: busctl(1), the D-Bus specification ("Message Bus Names", "org.freedesktop.DBus.Monitoring").
 */
import { existsSync } from "node:fs";
import type { Box } from "../box/box.ts";

/** What was heard. */
export interface BusUse {
  readonly names: readonly string[];
  readonly called: boolean;
}

const NEVER: BusUse = { names: [], called: false };
const PATIENCE_MS = 5000;

/** Listens to the bus until the returned function is called, which tells whether a name of the unit was called. */
export async function listenToBus(box: Box, unit: string): Promise<() => BusUse> {
  const owned = await ownedBy(box, unit);
  if (owned.length === 0) {
    return () => NEVER;
  }
  const names = owned.map(({ name }) => name);
  const connections = new Set(owned.map(({ connection }) => connection));
  const receivers = new Set([...names, ...connections]);
  const argv = ["busctl", "--system", "monitor", "--json=short", "--match=type='method_call'"];
  const child = box.spawn(argv);
  const use = { called: false };
  let rest = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    use.called ||= lines.some((line) => isCall(line, receivers, connections));
  });
  child.once("error", () => undefined);
  await new Promise<void>((wake) => {
    // It says on standard error that it has begun.
    child.stderr?.once("data", () => wake());
    child.once("close", () => wake());
    setTimeout(wake, PATIENCE_MS).unref();
  });
  return () => {
    child.kill("SIGKILL");
    return { names, called: use.called };
  };
}

interface Owned {
  readonly name: string;
  readonly connection: string;
}

async function ownedBy(box: Box, unit: string): Promise<readonly Owned[]> {
  if (!existsSync(`${box.root}/run/dbus/system_bus_socket`)) {
    return [];
  }
  const { status, stdout } = await box.run(["busctl", "--system", "list", "--acquired", "--json=short", "--no-pager"]);
  const rows = status === 0 ? documentsOf(stdout).flatMap((rows) => (Array.isArray(rows) ? rows : [])) : [];
  return rows.flatMap((row: Readonly<Record<string, unknown>>) => {
    const { name, connection, unit: of } = row;
    const wellKnown = typeof name === "string" && !name.startsWith(":");
    return of === unit && wellKnown && typeof connection === "string" ? [{ name, connection }] : [];
  });
}

/** A call to the service that it did not send itself. */
function isCall(line: string, receivers: ReadonlySet<string>, own: ReadonlySet<string>): boolean {
  return documentsOf(line).some((message) => {
    const { sender, destination } = message as { readonly sender?: unknown; readonly destination?: unknown };
    const received = typeof destination === "string" && receivers.has(destination);
    return received && !(typeof sender === "string" && own.has(sender));
  });
}

function documentsOf(text: string): readonly object[] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? [value] : [];
  } catch {
    return [];
  }
}
