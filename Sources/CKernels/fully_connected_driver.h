// The walk of a fully connected operator on ARM: rows of inputs are pixels of one run. Included by a
// kernel file after it has defined SWL_TARGET and `swl_multiply`.

// The weights of a group past the end of a row are zero, but a row must not be read past its end:
// where the depth is not a multiple of four, rows go through scratch memory, a piece at a time.
enum { PIECE_BYTES = 8192 };

// Sums of more pieces than one cannot be kept, so that only rows of one piece can take this way.
SWL_TARGET static void swl_connect_copied(const swl_fully_connected *call, swl_products *products) {
  _Alignas(16) int8_t piece[PIECE_BYTES + 16];
  products->input = piece;
  products->count = 1;
  for (int32_t row = 0; row < call->rows; row++) {
    swl_copy_bytes(piece, call->input + (ptrdiff_t)row * call->depth, call->depth);
    swl_multiply(products);
    products->output += call->output_depth;
  }
}

// A deep row with a remainder: rare, and as slow as it is simple.
SWL_TARGET static void swl_connect_slowly(const swl_fully_connected *call) {
  const ptrdiff_t groups = ((ptrdiff_t)call->depth + 3) / 4;
  for (int32_t row = 0; row < call->rows; row++) {
    const int8_t *input = call->input + (ptrdiff_t)row * call->depth;
    int8_t *output = call->output + (ptrdiff_t)row * call->output_depth;
    for (int32_t channel = 0; channel < call->output_depth; channel++) {
      const int32_t *column = call->channels + swl_channel_place(channel);
      const int8_t *weights =
        call->weights + channel / SWL_BLOCK * groups * 64 + channel % SWL_BLOCK * 4;
      uint32_t sum = (uint32_t)column[SWL_FOLDED_BIAS];
      for (int32_t index = 0; index < call->depth; index++) {
        sum += (uint32_t)(input[index] * weights[(ptrdiff_t)(index / 4) * 64 + index % 4]);
      }
      const int32_t scaled =
        swl_rescale((int32_t)sum, column[SWL_SIGNIFICAND], column[SWL_SHIFT]);
      const uint32_t shifted = (uint32_t)scaled + (uint32_t)call->activation.output_zero_point;
      output[channel] =
        swl_clamp((int32_t)shifted, call->activation.minimum, call->activation.maximum);
    }
  }
}

SWL_TARGET static void swl_connect_fully(const swl_fully_connected *call) {
  const int32_t run_offset = 0;
  const swl_requantizer requantizer =
    swl_requantizer_neon(call->channels, &call->derived, &call->activation);
  swl_products products = {
    .input = call->input, .input_stride = call->depth, .run_offsets = &run_offset, .run_count = 1,
    .groups = (call->depth + 3) / 4, .count = call->rows, .output_depth = call->output_depth,
    .output = call->output, .weights = call->weights, .requantizer = &requantizer};
  if (call->depth % 4 == 0) {
    swl_multiply(&products);
  } else if (call->depth <= PIECE_BYTES) {
    swl_connect_copied(call, &products);
  } else {
    swl_connect_slowly(call);
  }
}
