/** The public entry point of the pure core: what another program may import from `cloison`. */
export { type Diagnostic, formatDiagnostic, type Parsed, type Span } from "./diagnostic/diagnostic.ts";
