/** Connects to the other addresses at which clouds hand out credentials, and requests nothing. */
import { METADATA_ADDRESSES } from "../../kernel/metadata-address.ts";
import type { Probe } from "../probe.ts";
import { askAt } from "./_metadata.ts";

const { amazonIpv6, amazonPods, azure, alibaba, oracle, oracleIpv6, google, scaleway } = METADATA_ADDRESSES;

const ROWS: readonly (Pick<Probe, "id" | "title" | "gain"> & { readonly address: string })[] = [
  {
    id: "ask-metadata-service-over-ipv6",
    title: "reach Amazon's metadata service over IPv6",
    gain: "The machine's own credentials at its cloud, past a rule for IPv4.",
    address: amazonIpv6,
  },
  {
    id: "ask-pod-identity",
    title: "reach Amazon's service of credentials for pods over IPv6",
    gain: "The credentials of what runs on a node of a cluster.",
    address: amazonPods,
  },
  {
    id: "ask-google-metadata-service-over-ipv6",
    title: "reach Google's metadata service over IPv6",
    gain: "The machine's own credentials at its cloud, past a rule for IPv4.",
    address: google,
  },
  {
    id: "ask-oracle-metadata-service-over-ipv6",
    title: "reach Oracle's metadata service over IPv6",
    gain: "The machine's own credentials at its cloud, past a rule for IPv4.",
    address: oracleIpv6,
  },
  {
    id: "ask-scaleway-metadata-service-over-ipv6",
    title: "reach Scaleway's metadata service over IPv6",
    gain: "Start-up data and keys of the machine, past a rule for IPv4.",
    address: scaleway,
  },
  {
    id: "ask-azure-host",
    title: "reach the host that Azure runs the machine on",
    gain: "Certificates and protected settings of the machine's extensions.",
    address: azure,
  },
  {
    id: "ask-alibaba-metadata-service",
    title: "reach Alibaba's metadata service",
    gain: "The machine's own credentials at its cloud.",
    address: alibaba,
  },
  {
    id: "ask-oracle-metadata-service",
    title: "reach Oracle's older metadata service",
    gain: "The machine's own credentials and start-up data at its cloud.",
    address: oracle,
  },
];

/** The attacks: reach a cloud's metadata service at another address. */
export const askOtherMetadataServices: readonly Probe[] = ROWS.map(({ address, ...probe }) => ({
  ...probe,
  goals: ["cloud"],
  steps: (machine) => askAt(machine, address),
}));
