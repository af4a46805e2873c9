/** What to say of a word that names no unit. */
import { existsSync } from "node:fs";
import { didYouMean } from "../core/diagnostic/nearest.ts";
import { installedServices } from "../linux/installed-unit.ts";

/** The way out for a word that names no unit: the file that lies here, or the installed unit that was most likely meant. */
export function unitHint(word: string): string {
  const name = word.endsWith(".service") ? word : `${word}.service`;
  if (!word.includes("/") && existsSync(name)) {
    return `say ./${name} for the file that lies here`;
  }
  return didYouMean(name, installedServices(), "name an installed unit, or a file that ends in .service");
}
