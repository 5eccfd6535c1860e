// Groups by name.
#define _GNU_SOURCE

#include <string.h>

#include "internal.h"
#include "swl_socket.h"

enum { NAME, PASSWORD, NUMBER, MEMBERS };

// Follows `name:password:number:members` byte by byte, so that no line is too long.
struct search {
  const uint8_t *name;
  size_t matched;  // bytes of the name
  int field;
  bool differs;
  int64_t number;
};

// The group's number once the line of the name has shown it, or -1.
static int64_t follow(struct search *search, uint8_t byte) {
  if (byte == '\n') {
    *search = (struct search){.name = search->name};
    return -1;
  }
  if (byte == ':') {
    if (search->field == NAME && search->name[search->matched] != 0) search->differs = true;
    bool found = search->field == NUMBER && !search->differs;
    search->field++;
    return found ? search->number : -1;
  }
  if (search->field == NAME) {
    if (search->differs || search->name[search->matched] != byte)
      search->differs = true;
    else
      search->matched++;
  } else if (search->field == NUMBER && byte >= '0' && byte <= '9' && search->number < INT32_MAX) {
    search->number = 10 * search->number + (byte - '0');
  }
  return -1;
}

// Not getgrnam: with glibc it would load the name service's shared libraries into a static program,
// with musl it brings sockets and the heap.
int64_t swl_group_number(const uint8_t *name) {
  int32_t descriptor = swl_open_read((const uint8_t *)"/etc/group");
  if (descriptor < 0) return descriptor;
  struct search search = {.name = name};
  int64_t result = -1;
  uint8_t buffer[512];
  int64_t count = 0;
  while (result < 0 && (count = swl_read(descriptor, buffer, sizeof buffer)) > 0)
    for (int64_t index = 0; index < count && result < 0; index++)
      result = follow(&search, buffer[index]);
  swl_close(descriptor);
  if (result >= 0) return result;
  return count < 0 ? count : -ENOENT;
}
