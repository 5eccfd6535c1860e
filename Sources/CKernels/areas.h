// The part of a pooling window that is inside the input.
#ifndef SWL_AREAS_H
#define SWL_AREAS_H

#include "internal.h"

typedef struct {
  const int8_t *first;  // channel 0 of the first element
  int32_t rows, columns;
  ptrdiff_t row_bytes;
} swl_area;

SWL_INLINE swl_area swl_area_of(const swl_pool *call, int32_t batch, int32_t y, int32_t x) {
  const swl_window *window = &call->window;
  const int32_t top = y * window->stride_height - window->padding_top;
  const int32_t left = x * window->stride_width - window->padding_left;
  const int32_t first_row = swl_max(top, 0), first_column = swl_max(left, 0);
  const ptrdiff_t row_bytes = (ptrdiff_t)window->input_width * window->input_depth;
  return (swl_area){
    .first = call->input + ((ptrdiff_t)batch * window->input_height + first_row) * row_bytes +
             (ptrdiff_t)first_column * window->input_depth,
    .rows = swl_max(swl_min(top + window->kernel_height, window->input_height) - first_row, 0),
    .columns =
      swl_max(swl_min(left + window->kernel_width, window->input_width) - first_column, 0),
    .row_bytes = row_bytes};
}

#endif
