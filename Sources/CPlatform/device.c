// Numbered devices in /dev.
#define _GNU_SOURCE

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "internal.h"

// `name` is the prefix and a decimal number and nothing else.
static int32_t number_after(const char *prefix, const char *name) {
  size_t length = strlen(prefix);
  if (strncmp(name, prefix, length) != 0 || name[length] < '0' || name[length] > '9') return -1;
  char *end;
  unsigned long number = strtoul(name + length, &end, 10);
  return *end == 0 && number < INT32_MAX ? (int32_t)number : -1;
}

int32_t swl_next_device(const char *prefix, int32_t first) {
  DIR *folder = opendir("/dev");
  if (folder == NULL) return -errno;
  int32_t lowest = -ENOENT;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    int32_t number = number_after(prefix, entry->d_name);
    if (number < first || (lowest >= 0 && number >= lowest)) continue;
    // Links would list a device twice: some boards keep the old number of a chip alive that way.
    struct stat status;
    if (fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0) continue;
    if (S_ISCHR(status.st_mode)) lowest = number;
  }
  closedir(folder);
  return lowest;
}
