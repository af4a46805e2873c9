/**
 * BPFProgram=. Facts: systemd.resource-control(5); the names of the places are those of bpf_cgroup_attach_type_table in
 * systemd 257's src/core/bpf-foreign.c and its kin; what can be decided there: linux/bpf.h.
 */

import { setting } from "../../sandbox/origin.ts";
import type { Concern } from "../../sandbox/wall.ts";
import { type Lines, linesOf, mayRefuse, oneItem } from "../_lines.ts";
import { type Directive, never } from "../directive.ts";
import { absolutePath } from "./_filter-path.ts";

/** Where a program is attached → what it may refuse there. */
const PLACES: Readonly<Record<string, Concern>> = {
  ...Object.fromEntries(
    ["ingress", "egress", "sock_ops", "connect4", "connect6", "sendmsg4", "sendmsg6", "recvmsg4", "recvmsg6"].map(
      (place) => [place, "packet"],
    ),
  ),
  ...Object.fromEntries(["bind4", "bind6", "post_bind4", "post_bind6"].map((place) => [place, "address"])),
  sock_create: "call",
  getsockopt: "call",
  setsockopt: "call",
  device: "device",
  sysctl: "path",
};

function concernOf(line: string): Concern | undefined {
  const place = line.slice(0, line.indexOf(":"));
  return Object.hasOwn(PLACES, place) ? PLACES[place] : undefined;
}

function parse(text: string): string | undefined {
  const at = text.indexOf(":");
  const path = absolutePath(text.slice(at + 1));
  return at < 0 || path === undefined || concernOf(text) === undefined ? undefined : `${text.slice(0, at)}:${path}`;
}

/** All programs of one place must agree, so that one more only refuses. */
export const bpfProgram: Directive<Lines> = {
  name: "BPFProgram",
  since: 249,
  group: "network",
  summary: "Lets a BPF program of the administrator's own decide at one place: packets, sockets, devices or sysctls.",
  breaks: "Whatever the program refuses.",
  requires: ["address-filter"],
  ineffective: ["A program that cannot be loaded leaves the service without it, with a line in the log."],
  ...linesOf("BPFProgram", { read: oneItem(parse), expects: "PLACE:PATH" }),
  samples: ["egress:/sys/fs/bpf/egress-hook", "device:/sys/fs/bpf/device-hook"],
  walls: (value) => {
    const about = [...new Set(value.flatMap((line) => concernOf(line) ?? []))];
    return about.length === 0 ? [] : [mayRefuse(setting("BPFProgram", value.join(" ")), about)];
  },
  ladder: never("The program has to be written first."),
};
