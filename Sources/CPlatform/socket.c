// Unix sockets.
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "internal.h"
#include "swl_socket.h"

// The length of the address, or a negated errno.
static int32_t address_of(const uint8_t *path, struct sockaddr_un *address) {
  size_t length = strlen((const char *)path);
  if (length >= sizeof address->sun_path) return -ENAMETOOLONG;
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  memcpy(address->sun_path, path, length);
  return (int32_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
}

static int32_t new_socket(int type) {
  int descriptor = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  return descriptor < 0 ? -errno : descriptor;
}

static int32_t connect_to(int type, const struct sockaddr_un *address, int32_t length) {
  int32_t descriptor = new_socket(type);
  if (descriptor < 0) return descriptor;
  if (connect(descriptor, (const struct sockaddr *)address, (socklen_t)length) == 0)
    return descriptor;
  int32_t error = -errno;
  close(descriptor);
  return error;
}

int32_t swl_socket_connect(const uint8_t *path) {
  struct sockaddr_un address;
  int32_t length = address_of(path, &address);
  return length < 0 ? length : connect_to(SOCK_STREAM, &address, length);
}

// Removes a socket nobody listens at. Whoever listens answers, if only with a full queue (EAGAIN).
static int32_t remove_stale(const uint8_t *path) {
  struct stat status;
  if (lstat((const char *)path, &status) < 0) return errno == ENOENT ? 0 : -errno;
  if (!S_ISSOCK(status.st_mode)) return -EEXIST;
  int32_t other = swl_socket_connect(path);
  if (other >= 0) close(other);
  if (other != -ECONNREFUSED) return other >= 0 || other == -EAGAIN ? -EADDRINUSE : other;
  return swl_unlink(path);
}

// Until `listen` nobody can connect, so the permissions are in place before the first who may not.
static int32_t bind_and_listen(
  int32_t listener, const uint8_t *path, const struct sockaddr_un *address, int32_t length,
  uint32_t mode, int64_t group) {
  if (bind(listener, (const struct sockaddr *)address, (socklen_t)length) < 0) return -errno;
  if ((group < 0 || chown((const char *)path, (uid_t)-1, (gid_t)group) == 0) &&
      chmod((const char *)path, (mode_t)mode) == 0 && listen(listener, 64) == 0)
    return 0;
  int32_t error = -errno;
  swl_unlink(path);
  return error;
}

int32_t swl_socket_listen(const uint8_t *path, uint32_t mode, int64_t group) {
  struct sockaddr_un address;
  int32_t length = address_of(path, &address);
  if (length < 0) return length;
  int32_t error = remove_stale(path);
  if (error < 0) return error;
  int32_t listener = new_socket(SOCK_STREAM);
  if (listener < 0) return listener;
  error = bind_and_listen(listener, path, &address, length, mode, group);
  if (error == 0) return listener;
  close(listener);
  return error;
}

int32_t swl_socket_accept(int32_t listener) {
  while (true) {
    int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor >= 0) return descriptor;
    // The client may have gone while it waited; the next one is as good.
    if (errno != ECONNABORTED && errno != EINTR) return -errno;
  }
}

static size_t clamped(uint64_t count) { return count > INT32_MAX ? INT32_MAX : (size_t)count; }

int64_t swl_socket_read(int32_t socket, void *buffer, uint64_t capacity) {
  return SWL_RETRY(recv(socket, buffer, clamped(capacity), MSG_DONTWAIT));
}

int64_t swl_socket_write(int32_t socket, const void *bytes, uint64_t count) {
  return SWL_RETRY(send(socket, bytes, clamped(count), MSG_DONTWAIT | MSG_NOSIGNAL));
}

int64_t swl_socket_peer_process(int32_t socket) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 ? 0 : peer.pid;
}

int32_t swl_socket_limit_send_buffer(int32_t socket, uint32_t byte_count) {
  int size = (int)byte_count;
  return setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) < 0 ? -errno : 0;
}

int32_t swl_notify_open(void) {
  const uint8_t *name = swl_environment((const uint8_t *)"NOTIFY_SOCKET");
  if (name == NULL || name[0] == 0) return -ENOENT;
  if (name[0] != '/' && name[0] != '@') return -EAFNOSUPPORT;
  struct sockaddr_un address;
  int32_t length = address_of(name, &address);
  if (length < 0) return length;
  if (name[0] == '@') {
    // An abstract name begins with a NUL and its length counts: no NUL at its end.
    address.sun_path[0] = 0;
    length--;
  }
  return connect_to(SOCK_DGRAM, &address, length);
}

// The number at the start of a text of digits; 0 where it is none or too large.
static uint64_t number_in(const uint8_t *text) {
  uint64_t value = 0;
  for (; text != NULL && *text != 0; text++) {
    if (*text < '0' || *text > '9' || value > (UINT64_MAX - 9) / 10) return 0;
    value = 10 * value + (uint64_t)(*text - '0');
  }
  return value;
}

uint64_t swl_notify_watchdog_us(void) {
  // The variables are inherited; a process they do not name is not the one they are meant for.
  const uint8_t *process = swl_environment((const uint8_t *)"WATCHDOG_PID");
  if (process != NULL && number_in(process) != (uint64_t)getpid()) return 0;
  return number_in(swl_environment((const uint8_t *)"WATCHDOG_USEC"));
}
