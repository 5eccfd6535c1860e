import Foundation
import Hardware
import Testing

@testable import Sensors

/// Real files of a folder that is removed at the end of the test.
final class AttributeFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "swiftlet-attributes-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: path + "/" + name)
  }

  func source(_ name: String) -> AttributeFile { AttributeFile(path: path + "/" + name) }
}

/// A file that is opened with each read.
struct AttributeFile: TextFileSource {
  let path: String

  mutating func read(into bytes: inout MutableSpan<UInt8>) throws(BusError) -> Int {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw BusError(.missingBus, code: 2)
    }
    let count = min(data.count, bytes.count)
    for index in 0..<count { bytes[index] = data[data.startIndex + index] }
    return count
  }
}

func kernelFileKind(_ path: String) -> KernelFileKind? {
  let bytes = Array(path.utf8)
  return KernelFileKind(path: bytes.span)
}

@Suite struct KernelFileSensorTests {
  func value(_ text: String, as name: String = "temp1_input") throws -> Float {
    let folder = try AttributeFolder()
    try folder.write(text, to: name)
    let sensor = KernelFileSensor(try #require(kernelFileKind(folder.path + "/" + name)))
    var source = folder.source(name)
    var reading = Reading()
    reading.ageNanoseconds = 5
    #expect(try sensor.read(from: &source, into: &reading) == .reading)
    #expect(reading.ageNanoseconds == 0)
    return reading[0]
  }

  @Test func `hwmon, thermal zones and 1-Wire count in thousandths`() throws {
    #expect(try value("23125\n") == 23.125)
    #expect(try value("-40000\n") == -40)
    #expect(try value("51540\n", as: "temp") == 51.54)
    #expect(try value("85000", as: "temperature") == 85)
    #expect(try value("3312\n", as: "in0_input") == 3.312)
    #expect(try value("1500000\n", as: "power1_input") == 1.5)
    #expect(try value("1200\n", as: "fan2_input") == 1_200)
    #expect(try value("47600\n", as: "in_humidityrelative_input") == 47.6)
  }

  @Test func `IIO adds the offset, multiplies by the scale and converts the unit`() throws {
    let folder = try AttributeFolder()
    try folder.write("27312\n", to: "in_temp_raw")
    try folder.write("-15005.5\n", to: "in_temp_offset")
    try folder.write("2.681279\n", to: "in_temp_scale")
    var sensor = KernelFileSensor(try #require(kernelFileKind(folder.path + "/in_temp_raw")))
    #expect(sensor.kind.isRaw)
    var offset = folder.source("in_temp_offset")
    var scale = folder.source("in_temp_scale")
    try sensor.readOffset(from: &offset)
    try sensor.readScale(from: &scale)
    var source = folder.source("in_temp_raw")
    var reading = Reading()
    _ = try sensor.read(from: &source, into: &reading)
    expectNear(reading, [(27_312 - 15_005.5) * 2.681_279 * 0.001])

    try folder.write("-13\n", to: "in_magn_x_raw")
    var magnetometer = KernelFileSensor(try #require(kernelFileKind("in_magn_x_raw")))
    magnetometer.scale = 0.000_909
    var field = folder.source("in_magn_x_raw")
    _ = try magnetometer.read(from: &field, into: &reading)
    expectNear(reading, [-13 * 0.000_909 * 100])
  }

  @Test(arguments: [
    "", "\n", " \n", "N/A\n", "23.5 C\n", "1 2\n", "1\n2\n", "0x10\n", "nan\n", "inf\n", "1e999\n",
    "23125\n\n", "12\u{0}", "--1\n", String(repeating: "1", count: 64),
    String(repeating: "0", count: 4_096),
  ])
  func `a file with anything but one number is refused`(text: String) throws {
    #expect(throws: SensorError.notANumber) { try value(text) }
  }

  @Test func `a scale of 0 is refused, a value beyond every number is out of range`() throws {
    let folder = try AttributeFolder()
    try folder.write("0.0\n", to: "in_voltage0_scale")
    var sensor = KernelFileSensor(try #require(kernelFileKind("in_voltage0_raw")))
    var scale = folder.source("in_voltage0_scale")
    #expect(throws: SensorError.notANumber) { try sensor.readScale(from: &scale) }
    #expect(sensor.scale == 1)
    #expect(throws: SensorError.outOfRange) { try value("1e300\n") }
  }

  @Test func `a file that goes away is an error, and read again when it is back`() throws {
    let folder = try AttributeFolder()
    try folder.write("20000\n", to: "temp1_input")
    let sensor = KernelFileSensor(try #require(kernelFileKind("temp1_input")))
    var source = folder.source("temp1_input")
    var reading = Reading()
    _ = try sensor.read(from: &source, into: &reading)
    try folder.remove("temp1_input")
    #expect(throws: SensorError.bus(BusError(.missingBus, code: 2))) {
      try sensor.read(from: &source, into: &reading)
    }
    try folder.write("21000\n", to: "temp1_input")
    _ = try sensor.read(from: &source, into: &reading)
    #expect(reading[0] == 21)
  }
}

@Suite struct KernelFileKindTests {
  @Test(arguments: [
    ("/sys/bus/iio/devices/iio:device0/in_temp_input", "temperature °C", 0.001, false),
    ("in_temp0_ambient_raw", "temperature °C", 0.001, true),
    ("in_humidityrelative_raw", "humidity %", 0.001, true),
    ("in_pressure_input", "pressure Pa", 1_000, false),
    ("in_accel_y_raw", "acceleration_y m/s²", 1, true),
    ("in_anglvel_z_raw", "angular_velocity_z rad/s", 1, true),
    ("in_magn_x_raw", "magnetic_field_x µT", 100, true),
    ("in_voltage3-voltage4_raw", "voltage V", 0.001, true),
    ("in_illuminance_input", "illuminance lx", 1, false),
    ("/sys/class/hwmon/hwmon2/temp12_input", "temperature °C", 0.001, false),
    ("in0_input", "voltage V", 0.001, false),
    ("curr1_input", "current A", 0.001, false),
    ("power1_average", "power W", 0.000_001, false),
    ("energy1_input", "energy J", 0.000_001, false),
    ("/sys/class/thermal/thermal_zone0/temp", "temperature °C", 0.001, false),
    ("/sys/bus/w1/devices/28-0000/temperature", "temperature °C", 0.001, false),
  ])
  func `knows a file by its name`(path: String, names: String, factor: Double, isRaw: Bool) throws {
    let kind = try #require(kernelFileKind(path))
    #expect(
      String {
        $0.append(kind.quantity.name.bytes)
        $0.append(" ")
        $0.append(kind.quantity.unit.bytes)
      } == names)
    #expect(kind.factor == factor)
    #expect(kind.isRaw == isRaw)
  }

  @Test(arguments: [
    "", "/", "temp/", "temp1", "temp1_max", "temp_input", "in_input", "fan_input", "in_steps_raw",
    "in_accel_scale", "w1_slave", "temperature/x", "_raw", "in_raw", "_input", "power1_cap",
  ])
  func `and does not guess`(path: String) {
    #expect(kernelFileKind(path) == nil)
  }

  @Test(arguments: [
    ("/d/in_accel_x_raw", "/d/in_accel_x_scale", "/d/in_accel_scale"),
    ("/d/in_voltage0_raw", "/d/in_voltage0_scale", "/d/in_voltage_scale"),
    ("in_temp_raw", "in_temp_scale", "in_temp_scale"),
  ])
  func `names the files that scale it`(path: String, own: String, shared: String) {
    func sibling(_ which: KernelFileSibling) -> String {
      let bytes = Array(path.utf8)
      var text = ""
      let isRaw = which.append(of: bytes.span, to: &text)
      #expect(isRaw)
      return text
    }
    #expect(sibling(.scale) == own)
    #expect(sibling(.sharedScale) == shared)
    #expect(sibling(.offset) == own.replacing("_scale", with: "_offset"))
    #expect(sibling(.sharedOffset) == shared.replacing("_scale", with: "_offset"))
  }

  @Test(arguments: ["/d/in_temp_input", "/d/x_raw_", "", "raw"])
  func `a file that is not raw has none`(path: String) {
    let bytes = Array(path.utf8)
    var text = ""
    let isRaw = KernelFileSibling.scale.append(of: bytes.span, to: &text)
    #expect(!isRaw)
    #expect(text == "")
  }
}
