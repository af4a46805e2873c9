/** The parts of a unit's name. Facts: systemd.unit(5) "String Escaping for Inclusion in Unit Names". */
import { type Parsed, refusal } from "../diagnostic/diagnostic.ts";

/** `app@blue.service`: prefix `app`, instance `blue`, type `service`. A template's instance is the empty string. */
export interface UnitName {
  readonly name: string;
  readonly prefix: string;
  readonly instance?: string;
  readonly type: string;
}

const UNIT_NAME_MAX = 255;

/**
 * Splits the name of a service into its parts; a name without a suffix gets `.service`. Other unit types are an error.
 */
export function parseServiceName(text: string): Parsed<UnitName> {
  const name = /\.[a-z]+$/.test(text) ? text : `${text}.service`;
  const match = /^([A-Za-z0-9:_.\\-]+)(?:@([A-Za-z0-9:_.\\@-]*))?\.([a-z]+)$/.exec(name);
  if (match === null || name.length > UNIT_NAME_MAX) {
    return refusal("unit-bad-name", `not the name of a unit: ${JSON.stringify(text)}`, "for example nginx.service");
  }
  const [, prefix = "", instance, type = ""] = match;
  if (type !== "service") {
    return refusal("unit-not-service", `${name} is not a service`, "name a unit that ends in .service");
  }
  return { ok: true, value: { name, prefix, type, ...(instance === undefined ? {} : { instance }) }, diagnostics: [] };
}

/** The name of the template of an instance or template, `app@.service`; undefined for other units. */
export function templateOf(name: UnitName): string | undefined {
  return name.instance === undefined ? undefined : `${name.prefix}@.${name.type}`;
}

/**
 * Undoes systemd-escape: `-` is `/`, `\x2d` is `-`. An invalid escape is left alone.
 *
 * @example
 * import { unescapeName } from "cloison";
 * import assert from "node:assert";
 * assert.equal(unescapeName("var-lib-my\\x2dapp"), "var/lib/my-app");
 */
export function unescapeName(escaped: string): string {
  return escaped.replaceAll("-", "/").replace(/(?:\\x[0-9a-fA-F]{2})+/g, (run) => {
    const bytes = run.replaceAll("\\x", "%");
    try {
      return decodeURIComponent(bytes);
    } catch {
      return run;
    }
  });
}
