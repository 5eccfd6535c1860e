// Fully connected with SMMLA: two rows of inputs at a time are two pixels.
#include "internal.h"

#if SWL_AARCH64

#include "neon.h"

#define SWL_TARGET SWL_I8MM
#define swl_multiply swl_multiply_i8mm
#include "fully_connected_driver.h"

SWL_TARGET void swl_fully_connected__i8mm(const swl_fully_connected *call) {
  swl_connect_fully(call);
}

#endif
