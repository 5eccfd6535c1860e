#ifndef CINIH_SHIM_H
#define CINIH_SHIM_H

#include <ini.h>

// Parses a stream of lines with the settings of this project: lines of up to `line_capacity` - 1
// bytes on the stack, no heap, the first error ends the parsing, and an indented line is a key like
// any other and no continuation. The settings are global variables of libinih.
static inline int swl_ini_parse(ini_reader reader, void *stream, ini_handler handler, void *user,
                                int line_capacity) {
  ini_use_stack = true;
  ini_max_line = line_capacity;
  ini_stop_on_first_error = true;
  ini_allow_multiline = false;
  return ini_parse_stream(reader, stream, handler, user);
}

#endif
