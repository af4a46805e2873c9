/** The value of something that was parsed or compiled; a benchmark has no use for anything else. */
export function must(parsed) {
  if (!parsed.ok) {
    throw new Error(JSON.stringify(parsed.diagnostics));
  }
  return parsed.value;
}
