/** The public entry point of the pure core: what another program may import from `cloison`. */
export { type Diagnostic, formatDiagnostic, type Parsed, type Span } from "./diagnostic/diagnostic.ts";
export { escapeHtml, visible } from "./report/escape.ts";
export { readReport, writeReport } from "./report/json.ts";
export type { Report } from "./report/report.ts";
export { exposureWord } from "./report/summary.ts";
export { reportText } from "./report/text.ts";
