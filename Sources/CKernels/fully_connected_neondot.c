// Fully connected with SDOT: each row of inputs is a pixel.
#include "internal.h"

#if SWL_AARCH64

#include "neon.h"

#define SWL_TARGET SWL_NEONDOT
#define swl_multiply swl_multiply_neondot
#include "fully_connected_driver.h"

SWL_TARGET void swl_fully_connected__neondot(const swl_fully_connected *call) {
  swl_connect_fully(call);
}

#endif
