/**
 * Who else is there when attacks are tried in a box: a resolver of names and another machine on its network, and the neighbour at a
 * terminal. Facts: udp(7), pts(4), TIOCSPTLCK in ioctl_tty(2).
 */
import { compilePlan } from "../../../core/elf/compile-plan.ts";
import { ADDRESS_FAMILIES } from "../../../core/kernel/address-family.ts";
import { AT_FDCWD } from "../../../core/kernel/at-flags.ts";
import { littleEndian } from "../../../core/kernel/bytes.ts";
import { OPEN_FLAGS } from "../../../core/kernel/open-flags.ts";
import { SOCKET_TYPES } from "../../../core/kernel/socket-type.ts";
import { bytes, MACHINE, number, resultOf, text } from "../../../core/probes/act.ts";
import type { Machine } from "../../../core/probes/probe.ts";
import { inetAddress } from "../../../core/probes/socket.ts";
import type { Box } from "../../box/box.ts";
import { listener, operation, WAIT } from "./neighbour.ts";
import { asUser, checked, STAGE, startService } from "./services.ts";
import { addressOnLoopback, NEIGHBOUR_ID } from "./stage.ts";

/** What probes are told of it. */
export type Bystanders = Pick<Machine, "network" | "terminal">;

const NETWORK = {
  resolver: { address: "10.90.17.53", port: 53 },
  gateway: { address: "192.168.90.1", port: 80 },
} as const;

const TIOCSPTLCK = 0x40045431;

const bystanders = new WeakMap<Box, Promise<Bystanders>>();

/** Who else is in a box; made when it is first asked for. */
export function bystandersOf(box: Box): Promise<Bystanders> {
  const known = bystanders.get(box) ?? startBystanders(box);
  bystanders.set(box, known);
  return known;
}

async function startBystanders(box: Box): Promise<Bystanders> {
  // On the machine's own network nobody is to be played.
  const network = box.network === "private" ? NETWORK : undefined;
  if (network !== undefined) {
    for (const { address } of Object.values(network)) {
      await checked(box, "an address", addressOnLoopback(address));
    }
    await box.writeFile(`${STAGE}/network`, networkProgram(), 0o755);
    await startService(box, "cloison-network", `${STAGE}/network`);
  }
  await box.writeFile(`${STAGE}/terminal`, terminalProgram(), 0o755);
  const asNeighbour = asUser({ uid: NEIGHBOUR_ID, gid: NEIGHBOUR_ID });
  await startService(box, "cloison-terminal", `${asNeighbour} ${STAGE}/terminal`);
  const found = await box.run(["find", "/dev/pts", "-uid", `${NEIGHBOUR_ID}`]);
  const [terminal] = found.stdout.split("\n").filter((line) => line !== "");
  return { network, terminal };
}

/** A resolver to which datagrams can be sent, and which reads none; a port of another machine. */
function networkProgram(): Uint8Array {
  const { resolver, gateway } = NETWORK;
  const at = inetAddress(resolver.address, resolver.port);
  const datagrams = number(SOCKET_TYPES.SOCK_DGRAM);
  return compilePlan(
    {
      operations: [
        operation("resolver", "socket", number(ADDRESS_FAMILIES.AF_INET), datagrams, number(0)),
        operation("resolver-bind", "bind", resultOf("resolver"), bytes(at), number(at.length)),
        ...listener("gateway", "AF_INET", inetAddress(gateway.address, gateway.port)),
        ...WAIT,
      ],
    },
    MACHINE,
  );
}

/** A terminal that can be opened by its name as long as the program runs. */
function terminalProgram(): Uint8Array {
  const flags = OPEN_FLAGS.O_RDWR | OPEN_FLAGS.O_NOCTTY;
  return compilePlan(
    {
      operations: [
        operation("master", "openat", number(AT_FDCWD), text("/dev/ptmx"), number(flags), number(0)),
        operation("unlock", "ioctl", resultOf("master"), number(TIOCSPTLCK), bytes(littleEndian(0, 4))),
        ...WAIT,
      ],
    },
    MACHINE,
  );
}
