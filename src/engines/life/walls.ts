/** The walls of a service in a box: its settings, folded as systemd folds them, on this machine. */

import { assignmentsOf } from "../../core/directives/assignments.ts";
import { type Built, type Host, sandboxOf } from "../../core/directives/sandbox.ts";
import { accountOf } from "../../linux/accounts.ts";
import { deviceLookup } from "../../linux/devices.ts";
import { nameServers } from "../../linux/name-servers.ts";
import { nativeAbi } from "../../linux/native-abi.ts";
import { profileLookup } from "../../linux/profiles.ts";
import type { Service } from "./service.ts";

/** What the directives ask of the machine; the version of systemd is the box's unless another one is to read the unit. */
export function hostOf(service: Service, systemd: number = service.systemd.version): Host {
  const profile = profileLookup();
  return {
    ...(profile === undefined ? {} : { profile }),
    systemd,
    machine: nativeAbi(),
    user: (name) => accountOf(service.accounts, name),
    unit: service.unit.name.name,
    type: service.type,
    directories: service.directories,
    secrets: service.secrets,
    peers: service.peers,
    nameServers: nameServers(),
    executables: service.executables,
    device: deviceLookup(""),
    canonical: service.canonical,
    uncatalogued: service.uncatalogued.read,
  };
}

/** The walls that the unit builds as it stands. */
export function wallsOf(service: Service, systemd: number = service.systemd.version): Built {
  return sandboxOf(assignmentsOf(service.unit), hostOf(service, systemd));
}
