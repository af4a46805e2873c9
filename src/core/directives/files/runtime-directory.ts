/** RuntimeDirectory=. Facts: systemd.exec(5). Not on the ladder; `core/own-user` writes it. */
import { directoriesDirective } from "../_directories.ts";
import { never } from "../directive.ts";

/** What lasts as long as the service. */
export const runtimeDirectory: ReturnType<typeof directoriesDirective> = directoriesDirective({
  name: "RuntimeDirectory",
  since: 211,
  private: false,
  summary:
    "Makes these directories below /run while the service runs, gives them to its user, and keeps them writable behind ProtectSystem=strict.",
  breaks:
    "Services whose sockets others have put there: the directory is made anew at each start and goes at the stop.",
  broke: [
    {
      sentence:
        "MPD lost its socket as it started: a socket unit had made it in the directory that the service made anew.",
      reference: "MusicPlayerDaemon/MPD@1112d3907",
    },
  ],
  ineffective: ["With RuntimeDirectoryPreserve= it outlives the service."],
  samples: ["cloison-sample"],
  ladder: never(
    "The directory would vanish with the service, and whatever others keep in it, such as the socket of a socket unit.",
  ),
});
