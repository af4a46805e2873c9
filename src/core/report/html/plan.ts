/**
 * The walls as a picture: a floor plan with the service in the middle and one room of the machine on each side. A wall is a
 * thick line, an opening is drawn as architects draw a door, and where there is no wall there is a dashed line.
 */

import { visible } from "../../diagnostic/visible.ts";
import { NAMESPACE_KINDS, type NamespaceKind } from "../../kernel/namespace.ts";
import type { Channel, Crossing, Report } from "../report.ts";
import { html, type Markup } from "./markup.ts";

const ROOM = 112;
const LEFT = 6;
const TOP = 6;
const DEPTH = 66;
const HALL = 104;
const DOOR = 24;

/** Which room stands where: three above the service, three below. */
const ROOMS: readonly {
  readonly channel: Channel;
  readonly name: string;
  readonly column: number;
  readonly above: boolean;
}[] = [
  { channel: "files", name: "Files", column: 0, above: true },
  { channel: "network", name: "Network", column: 1, above: true },
  { channel: "devices", name: "Devices", column: 2, above: true },
  { channel: "processes", name: "Processes", column: 0, above: false },
  { channel: "ipc", name: "IPC", column: 1, above: false },
  { channel: "kernel", name: "Kernel", column: 2, above: false },
];

const STATES: Readonly<Record<Crossing["state"], string>> = {
  open: "no wall",
  partial: "a wall with a door",
  closed: "a closed wall",
};

/** The section: both plans, the same in words, and the namespaces. */
export function walls(report: Report): Markup {
  return html`<section aria-labelledby="walls">
<h2 id="walls">The walls</h2>
${report.crossings === undefined ? undefined : plans(report, report.crossings)}
${namespaces(report.namespaces)}
</section>`;
}

function plans(report: Report, crossings: NonNullable<Report["crossings"]>): Markup {
  return html`<p class="intro">The service stands in the middle, the machine around it. A thick line is a wall; a door in it lets through only what is listed; a dashed line is no wall at all.</p>
<div class="plans">
${plan("Before", report.unit, crossings.before)}
${plan("After", report.unit, crossings.after)}
</div>
<div class="table"><table class="crossings">
<caption class="hidden">What crosses between the service and the machine, before and after</caption>
<thead><tr><th scope="col">Side</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
<tbody>${ROOMS.map(({ channel, name }) => crossingRow(name, find(crossings.before, channel), find(crossings.after, channel)))}</tbody>
</table></div>`;
}

function crossingRow(name: string, before: Crossing | undefined, after: Crossing | undefined): Markup {
  return html`<tr><th scope="row">${name}</th><td class="quiet" data-label="Before">${passes(before)}</td><td data-label="After">${passes(after)}</td></tr>`;
}

function passes(crossing: Crossing | undefined): string {
  if (crossing === undefined) {
    return "not known";
  }
  return crossing.passes.length === 0 ? STATES[crossing.state] : crossing.passes.join("; ");
}

function find(crossings: readonly Crossing[], channel: Channel): Crossing | undefined {
  return crossings.find((crossing) => crossing.channel === channel);
}

function plan(title: string, unit: string, crossings: readonly Crossing[]): Markup {
  const words = ROOMS.map(({ channel, name }) => `${name}: ${stateWord(find(crossings, channel))}`).join("; ");
  const width = ROOM * 3;
  const hallTop = TOP + DEPTH;
  const bottom = hallTop + HALL;
  return html`<figure class="plan"><figcaption>${title}</figcaption>
<svg viewBox="0 0 ${width + LEFT * 2} ${bottom + DEPTH + TOP}" role="img" aria-label="Floor plan, ${title.toLowerCase()}. ${words}.">
<rect class="hall" x="${LEFT}" y="${hallTop}" width="${width}" height="${HALL}" />
${ROOMS.map((room) => roomMarkup(room, find(crossings, room.channel)))}
<path class="outer" d="M${LEFT} ${TOP}h${width}v${DEPTH * 2 + HALL}h-${width}z" />
<path class="partition" d="${[1, 2].map((column) => `M${LEFT + column * ROOM} ${TOP}v${DEPTH}M${LEFT + column * ROOM} ${bottom}v${DEPTH}`).join("")}" />
<text class="unit" x="${LEFT + width / 2}" y="${hallTop + HALL / 2 + 5}" text-anchor="middle">${shorten(unit, 28)}</text>
${ROOMS.map((room) => wallMarkup(room, find(crossings, room.channel)?.state))}
</svg></figure>`;
}

function stateWord(crossing: Crossing | undefined): string {
  return crossing === undefined ? "not known" : STATES[crossing.state];
}

function roomMarkup(room: (typeof ROOMS)[number], crossing: Crossing | undefined): Markup {
  const x = LEFT + room.column * ROOM;
  const y = room.above ? TOP : TOP + DEPTH + HALL;
  const label = room.above ? y + 28 : y + DEPTH - 30;
  const short = { open: "no wall", partial: "door", closed: "closed" };
  return html`<rect class="room ${crossing?.state ?? "unknown"}" x="${x}" y="${y}" width="${ROOM}" height="${DEPTH}" />
<text class="name" x="${x + ROOM / 2}" y="${label}" text-anchor="middle">${room.name}</text>
<text class="state" x="${x + ROOM / 2}" y="${label + 15}" text-anchor="middle">${crossing === undefined ? "not known" : short[crossing.state]}</text>`;
}

/** The wall between a room and the service; a door opens into the service's side. */
function wallMarkup(room: (typeof ROOMS)[number], state: Crossing["state"] | undefined): Markup {
  const x = LEFT + room.column * ROOM;
  const y = room.above ? TOP + DEPTH : TOP + DEPTH + HALL;
  if (state === undefined || state === "open") {
    return html`<path class="gone" d="M${x} ${y}h${ROOM}" />`;
  }
  if (state === "closed") {
    return html`<path class="wall" d="M${x} ${y}h${ROOM}" />`;
  }
  const start = x + (ROOM - DOOR) / 2;
  const inwards = room.above ? DOOR : -DOOR;
  const sweep = room.above ? 0 : 1;
  return html`<path class="wall" d="M${x} ${y}H${start}M${start + DOOR} ${y}H${x + ROOM}" />
<path class="leaf" d="M${start} ${y}v${inwards}" /><path class="swing" d="M${start} ${y + inwards}A${DOOR} ${DOOR} 0 0 ${sweep} ${start + DOOR} ${y}" />`;
}

function shorten(text: string, most: number): string {
  const characters = [...visible(text)];
  return characters.length <= most ? characters.join("") : `${characters.slice(0, most - 1).join("")}…`;
}

const NAMES: Readonly<Record<NamespaceKind, string>> = {
  mnt: "mount",
  net: "network",
  ipc: "IPC",
  uts: "host name",
  pid: "process",
  user: "user",
  cgroup: "cgroup",
  time: "time",
};

function namespaces({ before, after }: Report["namespaces"]): Markup {
  return html`<h3>Namespaces</h3>
<p class="intro">Of the eight kinds of namespaces, those that the service has for itself; the others it shares with the host.</p>
<ul class="namespaces">${NAMESPACE_KINDS.map((kind) => {
    const own = after.includes(kind);
    const was = before.includes(kind);
    const change = own === was ? "" : `, was ${was ? "its own" : "shared"}`;
    return html`<li class="${own ? "own" : "shared"}"><strong>${NAMES[kind]}</strong> ${own ? "its own" : "shared"}<span class="hidden">${change}</span></li>`;
  })}</ul>`;
}
