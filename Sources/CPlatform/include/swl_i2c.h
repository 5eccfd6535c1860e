// I2C buses of Linux: /dev/i2c-N, through i2c-dev and libi2c.
//
// Conventions as in swl_platform.h: a result below zero is a negated errno value.
#ifndef SWL_I2C_H
#define SWL_I2C_H

#include <stdbool.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// Opens an adapter and bounds its transfers; sets what the adapter can do (I2C_FUNC_* bits).
int32_t swl_i2c_open(const uint8_t *path, uint32_t timeout_ms, uint64_t *functions);

// Whether the adapter does transfers of any shape, or SMBus commands only.
bool swl_i2c_has_transfers(uint64_t functions);

// Chooses the device of the commands that follow. EBUSY when a kernel driver has the address.
int32_t swl_i2c_select(int32_t descriptor, uint8_t address);

// Asks whether the selected device answers, without changing it as far as that is possible.
int32_t swl_i2c_probe(int32_t descriptor, uint64_t functions, uint8_t address);

// Writes, then reads, without releasing the bus between; a half of no bytes is left out.
int32_t swl_i2c_transfer(
  int32_t descriptor, uint8_t address, const uint8_t *_Nullable write, uint32_t write_count,
  uint8_t *_Nullable read, uint32_t read_count);

// The same to the selected device on an adapter that knows SMBus commands only; EOPNOTSUPP where no
// command has the shape of the transfer.
int32_t swl_i2c_smbus_transfer(
  int32_t descriptor, uint64_t functions, const uint8_t *_Nullable write, uint32_t write_count,
  uint8_t *_Nullable read, uint32_t read_count);

// The number of the first /dev/i2c-N from `first` on; ENOENT when there is none.
int32_t swl_i2c_next_bus(int32_t first);

// What an error means on a bus: SWL_I2C_*.
enum {
  SWL_I2C_NO_ACKNOWLEDGE,
  SWL_I2C_TIMEOUT,
  SWL_I2C_ARBITRATION_LOST,
  SWL_I2C_BUSY,
  SWL_I2C_NOT_PERMITTED,
  SWL_I2C_MISSING_BUS,
  SWL_I2C_UNSUPPORTED,
  SWL_I2C_OTHER,
};
int32_t swl_i2c_kind_of_error(int32_t error);

#pragma clang assume_nonnull end

#endif
