// The walk of depthwise_slide.h over images, groups of rows and channels. Included after
// `slide_channels` and `load_slide_channels` are defined.
SWL_TARGET static void slide_all(const swl_depthwise *call, const slide_row *row) {
  const swl_window *window = &call->window;
  const int8_t *image = call->input;
  int8_t *output = call->output;
  for (int32_t batch = 0; batch < window->batches; batch++) {
    for (int32_t y = 0; y < window->output_height;) {
      slide_rows groups[SLIDE_GROUPS];
      int32_t count;
      y = find_slide_groups(window, row, image, output, y, groups, &count);
      for (int32_t channel = 0; channel < row->depth; channel += 8) {
        slide_channels channels;
        const slide_function slide = load_slide_channels(call, channel, &channels);
        for (int32_t group = 0; group < count; group++) {
          slide(&channels, &groups[group], row, channel);
        }
      }
    }
    image += window->input_height * (ptrdiff_t)window->input_width * row->depth;
    output += window->output_height * row->skip_out;
  }
}
