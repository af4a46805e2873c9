/** `cloison seccomp decompile`: a filter as a container profile, lines of a unit, or text. */
import { formatDiagnostic, type Parsed } from "../../core/diagnostic/diagnostic.ts";
import { systemCallFilterLines } from "../../core/export/system-call-filter.ts";
import { decompile as decompileFilter } from "../../core/seccomp/decompile/decompile.ts";
import { explain, explanationText } from "../../core/seccomp/explain/explain.ts";
import type { Filter } from "../../core/seccomp/filter/filter.ts";
import { writeProfile } from "../../core/seccomp/oci/write.ts";
import type { Context, Verb, VerbOutcome } from "../verb.ts";
import { archOption, profileOptions } from "./architecture.ts";
import { checkProduct, deliver } from "./product.ts";
import { fromOption, readOne } from "./source.ts";
import { failure } from "./undecided.ts";

export const decompile: Verb = {
  name: "decompile",
  summary: "Turns a filter back into a container profile, lines for a unit, or words.",
  usage: "F.bpf --to oci|systemd|text [--out FILE]",
  operands: { min: 1, max: 1, completes: ["file"] },
  schemas: ["cloison.decompiled/1", "cloison.undecided/1"],
  options: {
    to: {
      type: "string",
      value: "FORM",
      choices: ["oci", "systemd", "text"],
      help: "what to write, text unless said otherwise",
    },
    from: fromOption,
    arch: archOption,
    ...profileOptions,
    out: { type: "string", value: "FILE", help: "write it there instead of stdout" },
  },
  examples: ["cloison seccomp decompile docker.bpf --to oci --out profile.json"],
  run,
};

/** A filter as a profile, with what was lost on the way. */
function profileOf(filter: Filter): Parsed<string> {
  if (filter.kind === "policy") {
    return writeProfile(filter.policy);
  }
  const policy = decompileFilter(filter);
  if (!policy.ok) {
    return policy;
  }
  const written = writeProfile(policy.value);
  return { ...written, diagnostics: [...policy.diagnostics, ...written.diagnostics] };
}

const SCHEMA = "cloison.decompiled/1";

async function run({ arguments: given }: Context): Promise<VerbOutcome> {
  checkProduct(given);
  const to = given.one("to") ?? "text";
  const named = await readOne(given.operands[0] ?? "", given, given.one("from"));
  if (to === "text") {
    const text = explanationText(explain(named.filter));
    return deliver(given, `${text}\n`, "text", { json: { schema: SCHEMA, text }, notes: named.notes });
  }
  const written = to === "oci" ? profileOf(named.filter) : systemCallFilterLines(named.filter);
  if (!written.ok) {
    return failure(named.word, written.diagnostics);
  }
  const notes = [...named.notes, ...written.diagnostics.map(formatDiagnostic)];
  // A profile as text: its numbers have 64 bits, which a value of JSON here would round.
  const text = written.value;
  const json = to === "oci" ? { schema: SCHEMA, text } : { schema: SCHEMA, text, lines: text.trimEnd().split("\n") };
  return deliver(given, written.value, to === "oci" ? "profile" : "lines", { json, notes });
}
