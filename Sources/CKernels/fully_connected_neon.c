// Fully connected with NEON before dot products: each row of inputs is a pixel.
#include "internal.h"

#if SWL_AARCH64 || SWL_ARM32

#include "neon.h"

#define SWL_TARGET SWL_NEON
#define swl_multiply swl_multiply_neon
#include "fully_connected_driver.h"

SWL_TARGET void swl_fully_connected__neon(const swl_fully_connected *call) {
  swl_connect_fully(call);
}

#endif
