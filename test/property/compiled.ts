/** Compiles a policy or fails the test: where the property tests of filters begin. */

import type { CompileOptions } from "../../src/core/seccomp/compile/compile.ts";
import { type Compiled, compile } from "../../src/core/seccomp/compile/compile.ts";
import type { Policy } from "../../src/core/seccomp/policy/policy.ts";

/** The filter of a policy, with the byte order of its machine. */
export function compiled(policy: Policy, options: CompileOptions = {}): Compiled {
  const result = compile(policy, options);
  if (!result.ok) {
    throw new Error(JSON.stringify(result.diagnostics));
  }
  return result.value;
}
