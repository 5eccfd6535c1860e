import LinuxPlatform
import ModelCommands
import Sensors
import Text

/// The sensors that the kernel's drivers offer as files, with the path a configuration names.
enum KernelSensorList {
  /// The most files of one device.
  private static let fileLimit = 64

  static func print(_ sysfs: TextBuffer<4096>) throws(CommandFailure) {
    try list(sysfs, "/bus/iio/devices", "IIO", nameFile: "/name")
    try list(sysfs, "/class/hwmon", "hwmon", nameFile: "/name")
    try list(sysfs, "/class/thermal", "thermal", nameFile: "/type")
  }

  /// The devices in one folder. The kernel has it only where there is a driver.
  private static func list(
    _ sysfs: TextBuffer<4096>, _ folder: StaticString, _ kind: StaticString,
    nameFile: StaticString
  ) throws(CommandFailure) {
    var path = sysfs
    path.append(folder)
    guard let place = try? FilePath(path.bytes), var devices = try? FolderListing(place) else {
      return
    }
    while (try? devices.advance()) == true {
      var device = path
      device.append("/")
      device.append(devices.name)
      try list(device, kind, nameFile: nameFile)
    }
  }

  private static func list(
    _ device: TextBuffer<4096>, _ kind: StaticString, nameFile: StaticString
  ) throws(CommandFailure) {
    guard let place = try? FilePath(device.bytes), var files = try? FolderListing(place) else {
      return
    }
    var hasTitle = false
    var count = 0
    while count < fileLimit, (try? files.advance()) == true {
      guard let kernelFile = KernelFileKind(path: files.name) else { continue }
      count += 1
      if !hasTitle { try printTitle(device, kind, nameFile: nameFile) }
      hasTitle = true
      var line = TextBuffer<4200>()
      line.append("  path = ")
      line.append(visible: device.bytes)
      line.append("/")
      line.append(visible: files.name)
      line.append("   ")
      line.append(kernelFile.quantity.name.bytes)
      line.append(" in ")
      line.append(kernelFile.quantity.unit.bytes)
      line.append("\n")
      try StandardOutput.write(line.bytes)
    }
  }

  private static func printTitle(
    _ device: TextBuffer<4096>, _ kind: StaticString, nameFile: StaticString
  ) throws(CommandFailure) {
    var title = TextBuffer<256>()
    title.append(kind)
    title.append(" ")
    var path = device
    path.append(nameFile)
    if let path = try? FilePath(path.bytes) {
      var file = KernelTextFile(path)
      var storage = InlineArray<64, UInt8>(repeating: 0)
      var text = storage.mutableSpan
      if let count = try? file.read(into: &text) {
        title.append(visible: text.span.extracting(first: count))
      }
    }
    title.append("\n")
    try StandardOutput.write(title.bytes)
  }
}
