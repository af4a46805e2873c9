/** The exposure before and after, as this machine's own systemd-analyze sees the unit with its drop-ins. */
import { analyzeSecurity } from "../../linux/analyze-security.ts";
import { inBox, type Rehearsed } from "../rehearse/trial.ts";

/** Both figures, 0.0 to 10.0. */
export interface Exposures {
  readonly before: number;
  readonly after: number;
}

/** Analyses the unit's own file in a box, where its drop-ins lie beside it as they will on the host. */
export async function exposureOf(rehearsed: Rehearsed, dropIn: string): Promise<Exposures> {
  const analyse = (text: string | undefined): Promise<number> =>
    inBox(rehearsed, text, async (box, service) => {
      // What the box adds to every unit is no part of the service.
      await box.run(["rm", "-rf", "/run/systemd/system/service.d"]);
      const file = service.files[0]?.path ?? service.name;
      return (await analyzeSecurity(file, (argv, options) => box.run(argv, options as never))).exposure;
    });
  return { before: await analyse(undefined), after: await analyse(dropIn) };
}
