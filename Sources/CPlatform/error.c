// Error numbers in words.
//
// A table of our own: strerror would bring the message catalogues of the C library, and with them
// locales and the heap, into a static program, and it has no advice to give.
#include <stddef.h>

#include "internal.h"

struct entry {
  int32_t number;
  const char *name, *description, *advice;
};

static const struct entry entries[] = {
  {ENOENT, "ENOENT", "No such file or directory", "check the path"},
  {EACCES, "EACCES", "Permission denied",
   "check the permissions and the user this runs as"},
  {EPERM, "EPERM", "Operation not permitted", "check the user this runs as"},
  {EISDIR, "EISDIR", "Is a directory", "name a file inside it"},
  {ENOTDIR, "ENOTDIR", "Not a directory", "a part of the path is a file; check the path"},
  {EEXIST, "EEXIST", "File exists", "remove it or choose another name"},
  {ENOSPC, "ENOSPC", "No space left on device", "free some space or choose another folder"},
  {EDQUOT, "EDQUOT", "Disk quota exceeded", "free some space or choose another folder"},
  {EFBIG, "EFBIG", "File too large", "choose a file system or limit that allows it"},
  {EROFS, "EROFS", "Read-only file system", "choose another folder or mount it writable"},
  {EIO, "EIO", "Input/output error", "look at the kernel log; the device may be failing"},
  {ENAMETOOLONG, "ENAMETOOLONG", "File name too long", "choose a shorter path"},
  {ELOOP, "ELOOP", "Too many levels of symbolic links", "check the links in the path"},
  {EMFILE, "EMFILE", "Too many open files", "raise the limit (ulimit -n)"},
  {ENFILE, "ENFILE", "Too many open files in system", "close other programs"},
  {ENOMEM, "ENOMEM", "Cannot allocate memory", "free memory or raise the limit (ulimit -v)"},
  {ENODEV, "ENODEV", "Not a regular file", "copy the content to a file and name that"},
  {ENXIO, "ENXIO", "No such device or address", "start the program at the other end first"},
  {EPIPE, "EPIPE", "Broken pipe", "the reader has gone; keep it running"},
  {EINTR, "EINTR", "Interrupted", "asked to stop; run it again"},
  {EINVAL, "EINVAL", "Invalid argument", "the file system does not do this; try another one"},
  {EAGAIN, "EAGAIN", "Resource temporarily unavailable", "try again"},
  {EBUSY, "EBUSY", "Device or resource busy", "close the program that uses it"},
  {ETXTBSY, "ETXTBSY", "Text file busy", "stop the program that runs it"},
  {EXDEV, "EXDEV", "Invalid cross-device link", "keep both on one file system"},
  {EADDRINUSE, "EADDRINUSE", "Address already in use",
   "stop the process that listens there or choose another path"},
  {ECONNREFUSED, "ECONNREFUSED", "Connection refused", "start the program that listens there"},
  {ECONNRESET, "ECONNRESET", "Connection reset by peer", "connect again"},
  {ENOTSOCK, "ENOTSOCK", "Not a socket", "remove the file or choose another path"},
  {ESTALE, "ESTALE", "Stale file handle", "mount the file system again"},
  {ENOSYS, "ENOSYS", "Function not implemented", "use a newer kernel"},
  {EOPNOTSUPP, "EOPNOTSUPP", "Operation not supported", "use another device or file system"},
  {ETIMEDOUT, "ETIMEDOUT", "Timed out", "check the other end"},
#ifdef EREMOTEIO
  {EREMOTEIO, "EREMOTEIO", "Remote input/output error", "check the device and its wiring"},
#endif
  {EBADF, "EBADF", "Bad file descriptor", "is the stream closed?"},
};

static const struct entry *find(int32_t error) {
  int32_t number = error < 0 ? -error : error;
  for (unsigned long index = 0; index < sizeof entries / sizeof entries[0]; index++)
    if (entries[index].number == number) return &entries[index];
  return NULL;
}

const uint8_t *swl_error_name(int32_t error) {
  const struct entry *entry = find(error);
  return (const uint8_t *)(entry ? entry->name : "errno");
}

const uint8_t *swl_error_description(int32_t error) {
  const struct entry *entry = find(error);
  return (const uint8_t *)(entry ? entry->description : "System error");
}

const uint8_t *swl_error_advice(int32_t error) {
  const struct entry *entry = find(error);
  return (const uint8_t *)(entry ? entry->advice : "look the number up with `errno NUMBER`");
}

int32_t swl_error_is_a_folder(void) { return EISDIR; }
int32_t swl_error_name_too_long(void) { return ENAMETOOLONG; }
int32_t swl_error_invalid(void) { return EINVAL; }
int32_t swl_error_not_a_file(void) { return ENODEV; }
int32_t swl_error_interrupted(void) { return EINTR; }
int32_t swl_error_missing(void) { return ENOENT; }
int32_t swl_error_no_memory(void) { return ENOMEM; }
int32_t swl_error_already_there(void) { return EEXIST; }
int32_t swl_error_would_block(void) { return EAGAIN; }
bool swl_error_connection_lost(int32_t error) {
  int32_t number = error < 0 ? -error : error;
  return number == EPIPE || number == ECONNRESET;
}
bool swl_error_no_space(int32_t error) {
  int32_t number = error < 0 ? -error : error;
  return number == ENOSPC || number == EDQUOT;
}
int32_t swl_error_read_only(void) { return EROFS; }
bool swl_error_not_permitted(int32_t error) {
  int32_t number = error < 0 ? -error : error;
  return number == EACCES || number == EPERM;
}
