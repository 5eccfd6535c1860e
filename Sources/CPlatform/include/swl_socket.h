// Unix sockets, and the service manager's one.
//
// Conventions as in swl_platform.h: a result below zero is a negated errno value. Nothing here waits:
// where there is nothing to do, the result is EAGAIN.
#ifndef SWL_SOCKET_H
#define SWL_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// Listens at a path with a mode and a group (-1: our own). A socket left behind by a process that is
// gone is replaced; EADDRINUSE where somebody listens, EEXIST where the path is no socket.
int32_t swl_socket_listen(const uint8_t *path, uint32_t mode, int64_t group);
int32_t swl_socket_accept(int32_t listener);
// A stream connected to a path.
int32_t swl_socket_connect(const uint8_t *path);

int64_t swl_socket_read(int32_t socket, void *buffer, uint64_t capacity);
int64_t swl_socket_write(int32_t socket, const void *bytes, uint64_t count);
// The process at the other end when it connected; 0 where unknown.
int64_t swl_socket_peer_process(int32_t socket);
int32_t swl_socket_limit_send_buffer(int32_t socket, uint32_t byte_count);

// A datagram socket connected to the path or abstract name (a leading '@') the service manager gives
// in NOTIFY_SOCKET; ENOENT where it gives none. Both environment variables of the kind, this one and
// WATCHDOG_USEC, are described in sd_notify(3) and sd_watchdog_enabled(3).
int32_t swl_notify_open(void);
// How often the service manager wants to hear from us, in microseconds; 0 for not at all.
uint64_t swl_notify_watchdog_us(void);

// The number of a group by its name in /etc/group; ENOENT where there is none.
int64_t swl_group_number(const uint8_t *name);

#pragma clang assume_nonnull end

#endif
