/** Connects to the address where clouds hand out credentials, and requests nothing. */
import type { Probe } from "../probe.ts";
import { connectTcp } from "../socket.ts";

/** The attack: reach the cloud's metadata service. */
export const askMetadataService: Probe = {
  id: "ask-metadata-service",
  title: "reach the cloud's metadata service",
  gain: "The machine's own credentials at its cloud.",
  goals: ["cloud"],
  steps: ({ metadata }) =>
    metadata === undefined
      ? { notApplicable: "on the machine's own network no service of ours stands there" }
      : connectTcp(metadata.address, metadata.port),
};
