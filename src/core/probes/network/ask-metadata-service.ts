/** Connects to the address at which most clouds hand out credentials, and requests nothing. */
import { METADATA_ADDRESSES } from "../../kernel/metadata-address.ts";
import type { Probe } from "../probe.ts";
import { askAt } from "./_metadata.ts";

/** The attack: reach the cloud's metadata service. */
export const askMetadataService: Probe = {
  id: "ask-metadata-service",
  title: "reach the cloud's metadata service",
  gain: "The machine's own credentials at its cloud.",
  goals: ["cloud"],
  steps: (machine) => askAt(machine, METADATA_ADDRESSES.most),
};
