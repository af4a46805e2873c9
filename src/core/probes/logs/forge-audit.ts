/**
 * Sends the audit log an entry without a character, which it takes for invalid, or for nothing where it is switched off, after it has
 * looked at capabilities: audit_receive_msg in the kernel's kernel/audit.c. Facts: CAP_AUDIT_WRITE in capabilities(7).
 */
import { netlinkSteps } from "../netlink.ts";
import type { Probe } from "../probe.ts";

const AUDIT_USER = 1005;

/** The attack: write an entry of the audit log. */
export const forgeAudit: Probe = {
  id: "forge-audit",
  title: "write entries of the audit log",
  gain: "Logins and changes on record that never were, in the log that auditors trust most.",
  goals: ["logs"],
  steps: (machine) =>
    netlinkSteps(machine, "audit", {
      type: AUDIT_USER,
      body: [],
      needs: [{ kind: "capability", capability: "CAP_AUDIT_WRITE", over: "init" }],
      past: ["EINVAL"],
    }),
};
