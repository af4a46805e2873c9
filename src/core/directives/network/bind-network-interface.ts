/** BindNetworkInterface=. Facts: systemd.resource-control(5) of systemd 260; SO_BINDTODEVICE in socket(7). */
import { setting } from "../../sandbox/origin.ts";
import { mayRefuse } from "../_lines.ts";
import { scalarDirective } from "../_scalar.ts";
import { type Directive, never } from "../directive.ts";
import { isInterfaceName } from "./_interface.ts";

/** What can be reached through an interface is the machine's routing. */
export const bindNetworkInterface: Directive<string> = scalarDirective<string>({
  name: "BindNetworkInterface",
  since: 260,
  group: "network",
  summary: "Binds every socket of the service to this network interface, which may be a VRF.",
  breaks: "Whatever is reached through another interface, this machine's own addresses among it.",
  requires: ["libbpf"],
  ineffective: [
    "A systemd built without BPF ignores it.",
    "Programs with CAP_NET_RAW can bind a socket to another interface.",
  ],
  initial: "",
  parse: (text) => (text === "" || isInterfaceName(text) ? text : undefined),
  show: (value) => value,
  meet: (a, b) => (b === "" ? a : b),
  samples: ["eth0"],
  expects: "the name of a network interface",
  walls: (value) => (value === "" ? [] : [mayRefuse(setting("BindNetworkInterface", value), ["packet"])]),
  ladder: never("Which interface leads where is the machine's routing, which may change."),
});
