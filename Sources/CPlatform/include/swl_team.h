// Threads that work together on one thing.
//
// Conventions as in swl_platform.h: a result below zero is a negated errno value.
#ifndef SWL_TEAM_H
#define SWL_TEAM_H

#include <stdbool.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef struct swl_team swl_team;
typedef void (*swl_team_body)(void *argument, int32_t member);

// A team of `count` threads, at least 1: the one that runs the team, and `count` − 1 new ones, in
// which all signals are blocked. They inherit the CPUs they may use. NULL with the negated errno in
// `*error`.
swl_team *_Nullable swl_team_start(int32_t count, int32_t *error);
// Calls `body` in all threads, as member 0 in the calling one, and returns when all have returned.
// Only one thread at a time may run a team.
void swl_team_run(swl_team *team, swl_team_body body, void *argument);
// Inside of `body`: waits until all members are here. What they wrote before is seen by all after.
void swl_team_meet(swl_team *team);
// Gives the new threads the scheduling policy and priority of the calling one.
int32_t swl_team_adopt_priority(swl_team *team);
// Ends the new threads and forgets the team.
void swl_team_stop(swl_team *team);

// The CPUs the calling thread may run on.
int32_t swl_usable_cpu_count(void);

#pragma clang assume_nonnull end

#endif
