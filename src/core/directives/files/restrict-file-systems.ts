/**
 * RestrictFileSystems=. Facts: systemd.exec(5); its hook is the opening of files (src/bpf/restrict_fs in systemd's sources),
 * so that neither looking at a path nor making a directory is refused.
 */
import { itemsOf, type Lines, linesMayRefuse, linesOf } from "../_lines.ts";
import { type Directive, never } from "../directive.ts";

/** Of which type the file system at a path is, is the machine's; the kernel's own ones count, too. */
export const restrictFileSystems: Directive<Lines> = {
  name: "RestrictFileSystems",
  since: 250,
  kernel: "5.7",
  group: "files",
  summary: "Refuses to open files on all types of file systems but these, or, after a `~`, on these.",
  breaks:
    "Pipes, sockets and memory files, which are file systems of the kernel's own, where the list lacks @basic-api.",
  requires: ["libbpf", "bpf-lsm"],
  ineffective: [
    "A systemd built without BPF ignores it without a word.",
    "The kernel must be started with bpf among its security modules.",
  ],
  ...linesOf("RestrictFileSystems", {
    read: itemsOf((word) => /^@?[\w.-]+$/.test(word), true),
    expects: "types of file systems or sets of them",
  }),
  samples: ["@basic-api @common-block @temporary", "~@network"],
  walls: (value) => linesMayRefuse("RestrictFileSystems", value, "path"),
  ladder: never(
    "The type of the file system below a path is the machine's and may be another tomorrow: a disk that is moved would end the service.",
  ),
};
