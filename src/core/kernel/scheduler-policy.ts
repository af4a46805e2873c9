/** Scheduling policies of sched_setscheduler(2). Facts: linux/sched.h, sched(7). */

/** Policy → value. */
export const SCHEDULER_POLICIES = {
  SCHED_OTHER: 0,
  SCHED_FIFO: 1,
  SCHED_RR: 2,
  SCHED_BATCH: 3,
  SCHED_IDLE: 5,
  SCHED_DEADLINE: 6,
  SCHED_EXT: 7,
} as const;

/** May be OR-ed to the policy. */
export const SCHED_RESET_ON_FORK = 0x40000000;
