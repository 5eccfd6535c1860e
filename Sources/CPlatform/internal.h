// Shared by the sources of this target only.
#ifndef SWL_INTERNAL_H
#define SWL_INTERNAL_H

#include <errno.h>
#include <stdint.h>

#include "swl_platform.h"

// Whether a call that failed with the current errno is to be started again.
static inline bool swl_try_again(void) {
  return errno == EINTR && swl_termination_signal() == 0;
}

// Repeats a call while it is interrupted; the value is its result or the negated errno. This is
// the one place that retries.
#define SWL_RETRY(call)                                  \
  ({                                                     \
    int64_t swl_result;                                  \
    do {                                                 \
      swl_result = (call);                               \
    } while (swl_result < 0 && swl_try_again());         \
    swl_result < 0 ? -(int64_t)errno : swl_result;       \
  })

// The number of the first /dev/PREFIXn, n from `first` on, that is a device and no link; ENOENT when
// there is none.
int32_t swl_next_device(const char *prefix, int32_t first);

#endif
