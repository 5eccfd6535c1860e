// Transfers on /dev/i2c-N.
#define _GNU_SOURCE

#include <fcntl.h>
#include <i2c/smbus.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "internal.h"
#include "swl_i2c.h"

int32_t swl_i2c_open(const uint8_t *path, uint32_t timeout_ms, uint64_t *functions) {
  int descriptor = (int)SWL_RETRY(open((const char *)path, O_RDWR | O_CLOEXEC));
  if (descriptor < 0) return descriptor;
  unsigned long bits = 0;
  if (ioctl(descriptor, I2C_FUNCS, &bits) < 0) {
    int32_t error = -errno;
    close(descriptor);
    return error;
  }
  *functions = bits;
  // In tens of milliseconds. Both belong to the adapter, for whoever uses it, and some adapters
  // have limits of their own; a refusal changes nothing that matters here.
  (void)ioctl(descriptor, I2C_TIMEOUT, (unsigned long)(timeout_ms + 9) / 10);
  (void)ioctl(descriptor, I2C_RETRIES, 0UL);
  return descriptor;
}

bool swl_i2c_has_transfers(uint64_t functions) { return (functions & I2C_FUNC_I2C) != 0; }

int32_t swl_i2c_select(int32_t descriptor, uint8_t address) {
  return ioctl(descriptor, I2C_SLAVE, (unsigned long)address) < 0 ? -errno : 0;
}

// The "quick write" has no data and so is harmless, but for one kind of EEPROM, whose write
// protection it destroys; those addresses, and write-only PROMs at 0x30, are read from instead
// (i2cdetect(8) chooses alike).
int32_t swl_i2c_probe(int32_t descriptor, uint64_t functions, uint8_t address) {
  bool is_memory = (address >= 0x30 && address <= 0x37) || (address >= 0x50 && address <= 0x5F);
  bool can_quick = (functions & I2C_FUNC_SMBUS_QUICK) != 0;
  bool can_read = (functions & I2C_FUNC_SMBUS_READ_BYTE) != 0;
  if (can_read && (is_memory || !can_quick)) {
    int32_t result = i2c_smbus_read_byte(descriptor);
    return result < 0 ? result : 0;
  }
  if (can_quick) return i2c_smbus_write_quick(descriptor, I2C_SMBUS_WRITE);
  return -EOPNOTSUPP;
}

int32_t swl_i2c_transfer(
  int32_t descriptor, uint8_t address, const uint8_t *write, uint32_t write_count, uint8_t *read,
  uint32_t read_count) {
  // The limit of i2c-dev for one message.
  if (write_count > 8192 || read_count > 8192) return -EOPNOTSUPP;
  struct i2c_msg messages[2];
  uint32_t count = 0;
  if (write_count > 0)
    messages[count++] = (struct i2c_msg){
      .addr = address, .len = (uint16_t)write_count, .buf = (uint8_t *)write};
  if (read_count > 0)
    messages[count++] = (struct i2c_msg){
      .addr = address, .flags = I2C_M_RD, .len = (uint16_t)read_count, .buf = read};
  struct i2c_rdwr_ioctl_data transfer = {.msgs = messages, .nmsgs = count};
  int done = ioctl(descriptor, I2C_RDWR, &transfer);
  if (done < 0) return -errno;
  return (uint32_t)done == count ? 0 : -EIO;
}

static bool has(uint64_t functions, uint64_t wanted) { return (functions & wanted) == wanted; }

// What SMBus commands put on the wire, by shape; the bytes are those of the plain transfer.
int32_t swl_i2c_smbus_transfer(
  int32_t descriptor, uint64_t functions, const uint8_t *write, uint32_t write_count, uint8_t *read,
  uint32_t read_count) {
  int32_t result = -EOPNOTSUPP;
  if (write_count == 0 && read_count == 1 && has(functions, I2C_FUNC_SMBUS_READ_BYTE)) {
    result = i2c_smbus_read_byte(descriptor);
    if (result >= 0) read[0] = (uint8_t)result;
  } else if (write_count == 1 && read_count == 0) {
    if (has(functions, I2C_FUNC_SMBUS_WRITE_BYTE)) result = i2c_smbus_write_byte(descriptor, write[0]);
  } else if (write_count == 2 && read_count == 0 && has(functions, I2C_FUNC_SMBUS_WRITE_BYTE_DATA)) {
    result = i2c_smbus_write_byte_data(descriptor, write[0], write[1]);
  } else if (write_count == 3 && read_count == 0 && has(functions, I2C_FUNC_SMBUS_WRITE_WORD_DATA)) {
    result = i2c_smbus_write_word_data(
      descriptor, write[0], (uint16_t)(write[1] | (uint16_t)write[2] << 8));
  } else if (
    write_count >= 2 && write_count <= 1 + I2C_SMBUS_BLOCK_MAX && read_count == 0 &&
    has(functions, I2C_FUNC_SMBUS_WRITE_I2C_BLOCK)) {
    result = i2c_smbus_write_i2c_block_data(
      descriptor, write[0], (uint8_t)(write_count - 1), write + 1);
  } else if (write_count == 1 && read_count == 1 && has(functions, I2C_FUNC_SMBUS_READ_BYTE_DATA)) {
    result = i2c_smbus_read_byte_data(descriptor, write[0]);
    if (result >= 0) read[0] = (uint8_t)result;
  } else if (write_count == 1 && read_count == 2 && has(functions, I2C_FUNC_SMBUS_READ_WORD_DATA)) {
    result = i2c_smbus_read_word_data(descriptor, write[0]);
    if (result >= 0) {
      read[0] = (uint8_t)result;
      read[1] = (uint8_t)(result >> 8);
    }
  } else if (
    write_count == 1 && read_count >= 1 && read_count <= I2C_SMBUS_BLOCK_MAX &&
    has(functions, I2C_FUNC_SMBUS_READ_I2C_BLOCK)) {
    uint8_t block[I2C_SMBUS_BLOCK_MAX];
    result = i2c_smbus_read_i2c_block_data(descriptor, write[0], (uint8_t)read_count, block);
    if (result >= 0 && (uint32_t)result < read_count) result = -EIO;
    if (result >= 0) memcpy(read, block, read_count);
  }
  return result < 0 ? result : 0;
}

int32_t swl_i2c_next_bus(int32_t first) { return swl_next_device("i2c-", first); }

int32_t swl_i2c_kind_of_error(int32_t error) {
  switch (error < 0 ? -error : error) {
    // Which of them an adapter's driver uses for a missing acknowledge differs
    // (Documentation/i2c/fault-codes.rst of the kernel).
    case ENXIO:
    case EREMOTEIO: return SWL_I2C_NO_ACKNOWLEDGE;
    case ETIMEDOUT: return SWL_I2C_TIMEOUT;
    case EAGAIN: return SWL_I2C_ARBITRATION_LOST;
    case EBUSY: return SWL_I2C_BUSY;
    case EACCES:
    case EPERM: return SWL_I2C_NOT_PERMITTED;
    case ENODEV:
    case ENOENT: return SWL_I2C_MISSING_BUS;
    case EOPNOTSUPP:
    case ENOTTY: return SWL_I2C_UNSUPPORTED;
    default: return SWL_I2C_OTHER;
  }
}
