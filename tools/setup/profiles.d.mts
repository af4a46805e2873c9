/** The types of profiles.mjs, for tests and whoever imports it from TypeScript. */

export function ensureProfiles(say: (line: string) => void): { readonly docker: string; readonly podman: string };
