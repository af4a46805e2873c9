/**
 * Reads and opens for writing what another service keeps where anyone may make files. PrivateIPC= keeps nobody from POSIX shared
 * memory, which is files in /dev/shm. Facts: shm_overview(7), sem_overview(7), hier(7).
 */
import { openStep, plantFile, readFile } from "../act.ts";
import type { Machine, NotApplicable, Probe, Step } from "../probe.ts";

function open(machine: Machine, directory: string): readonly Step[] | NotApplicable {
  const path = machine.kept.shared[directory];
  return path === undefined || machine.file(path) === undefined
    ? { notApplicable: `nobody keeps a file in ${directory}` }
    : [openStep(machine, path, "write")];
}

function read(machine: Machine, directory: string): readonly Step[] | NotApplicable {
  const path = machine.kept.shared[directory];
  return path === undefined ? { notApplicable: `nobody keeps a file in ${directory}` } : readFile(machine, path);
}

interface Way {
  readonly place: string;
  readonly how: (machine: Machine, place: string) => readonly Step[] | NotApplicable;
}

const ROWS: readonly (Omit<Probe, "steps"> & Way)[] = [
  {
    id: "read-shared-memory",
    title: "read another service's POSIX shared memory",
    gain: "What that service hands from process to process.",
    goals: ["read-secrets", "spy-or-stop"],
    place: "/dev/shm",
    how: read,
  },
  {
    id: "change-shared-memory",
    title: "open another service's POSIX shared memory for writing",
    gain: "Another service's data changed while it works on them, its locks held for ever.",
    goals: ["change-data", "spy-or-stop"],
    place: "/dev/shm",
    how: open,
  },
  {
    id: "read-temporary-file",
    title: "read another service's file in /tmp",
    gain: "Uploads, sessions and dumps of other services.",
    goals: ["read-secrets"],
    place: "/tmp",
    how: read,
  },
  {
    id: "change-temporary-file",
    title: "open another service's file in /tmp for writing",
    gain: "Input of the intruder's own for whoever reads that file.",
    goals: ["change-data"],
    place: "/tmp",
    how: open,
  },
  {
    id: "read-lasting-temporary-file",
    title: "read another service's file in /var/tmp",
    gain: "What other services keep there from one start to the next.",
    goals: ["read-secrets"],
    place: "/var/tmp",
    how: read,
  },
  {
    id: "plant-lock",
    title: "make a file among others' locks",
    gain: "Services that wait for ever, or take a lock for the one that they know.",
    goals: ["spy-or-stop", "change-data"],
    place: "/run/lock",
    how: plantFile,
  },
];

/** The attacks: meet another service where all may make files. */
export const useSharedPlaces: readonly Probe[] = ROWS.map(({ place, how, ...probe }) => ({
  ...probe,
  steps: (machine) => how(machine, place),
}));
