/** struct sched_attr of sched_setattr(2). */
import { littleEndian } from "../../kernel/bytes.ts";

const SIZE = 48;

/** What of it the attacks set; times in nanoseconds. */
export interface SchedulingAttributes {
  readonly policy: number;
  readonly priority?: number;
  readonly runtime?: number;
  readonly deadline?: number;
}

/** Size, policy, flags (64 bits), nice value, priority, then runtime, deadline and period (64 bits each). */
export function schedulingAttributes({
  policy,
  priority = 0,
  runtime = 0,
  deadline = 0,
}: SchedulingAttributes): readonly number[] {
  return [
    ...[SIZE, policy, 0, 0, 0, priority].flatMap((value) => littleEndian(value, 4)),
    ...[runtime, deadline, deadline].flatMap((value) => littleEndian(value, 8)),
  ];
}
