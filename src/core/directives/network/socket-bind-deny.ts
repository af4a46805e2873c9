/** SocketBindDeny=, with what SocketBindAllow= leaves open. Facts: systemd.resource-control(5). */
import { setting } from "../../sandbox/origin.ts";
import type { Directive } from "../directive.ts";
import { type PortList, portList, unitePorts } from "./_port-list.ts";
import { boundPorts, socketBindAllow, whyBindStaysOpen } from "./socket-bind-allow.ts";

/** Ports that cannot be bound; allow rules win. */
export const socketBindDeny: Directive<PortList> = {
  name: "SocketBindDeny",
  since: 249,
  group: "network",
  summary: "Keeps the service from binding these ports, and so from offering services it should not.",
  breaks: "Protocols that bind a further port, such as passive FTP, and a changed configuration.",
  requires: ["libbpf"],
  ineffective: ["A systemd built without BPF ignores it without a word."],
  ...portList("SocketBindDeny"),
  meet: unitePorts,
  samples: ["any", "ipv4:tcp:1-1023"],
  walls: (value, facts) =>
    value.length === 0
      ? []
      : [
          {
            kind: "ports",
            by: setting("SocketBindDeny", value.join(" ")),
            deny: value,
            allow: facts.valueOf(socketBindAllow),
          },
        ],
  ladder: (situation) => {
    const withheld = whyBindStaysOpen(situation);
    const { rules } = boundPorts(situation);
    return [
      {
        value: ["any"],
        reason: rules.length === 0 ? "was not seen to bind any port" : "was seen to bind no other port",
        withheld,
      },
    ];
  },
};
