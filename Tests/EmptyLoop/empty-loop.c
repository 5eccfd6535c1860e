// The yardstick of scripts/schedule: a loop that does nothing but sleep until the next deadline.
//
//   empty-loop RATE SECONDS
//
// Prints a row as ScheduleTests does for the daemon: deadlines kept, lateness in microseconds (p50, p99,
// p99.9, max), deadlines missed. As there, a deadline that has passed when its turn comes is counted
// and skipped. Built and run by scripts/schedule, at the priority of whoever starts it.
#define _GNU_SOURCE

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum { bucket_count = 1000000 };
static uint32_t buckets[bucket_count];

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static uint64_t quantile(uint64_t count, double share) {
  const double wanted = share * (double)count;
  uint64_t seen = 0;
  for (uint64_t bucket = 0; bucket < bucket_count; bucket++) {
    seen += buckets[bucket];
    if (seen > 0 && (double)seen >= wanted) return bucket;
  }
  return bucket_count;
}

int main(int argument_count, char **arguments) {
  const long rate = argument_count == 3 ? strtol(arguments[1], NULL, 10) : 0;
  const long seconds = argument_count == 3 ? strtol(arguments[2], NULL, 10) : 0;
  if (rate <= 0 || seconds <= 0) {
    fputs("empty-loop RATE SECONDS\n", stderr);
    return 64;
  }
  if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) perror("empty-loop: mlockall");
  const uint64_t period = 1000000000 / (uint64_t)rate;
  const uint64_t end = now_ns() + (uint64_t)seconds * 1000000000;
  uint64_t deadline = now_ns() + period, kept = 0, missed = 0, longest = 0;
  while (deadline < end) {
    const struct timespec until = {
      .tv_sec = (time_t)(deadline / 1000000000), .tv_nsec = (long)(deadline % 1000000000)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0) continue;
    uint64_t now = now_ns();
    const uint64_t late = (now - deadline) / 1000;
    buckets[late < bucket_count ? late : bucket_count - 1]++;
    if (late > longest) longest = late;
    kept++;
    for (deadline += period; deadline <= now; deadline += period) missed++;
  }
  printf("| empty loop | %ld Hz | %llu | %llu | %llu | %llu | %llu | %llu |\n", rate,
         (unsigned long long)kept, (unsigned long long)quantile(kept, 0.5),
         (unsigned long long)quantile(kept, 0.99), (unsigned long long)quantile(kept, 0.999),
         (unsigned long long)longest, (unsigned long long)missed);
  return 0;
}
