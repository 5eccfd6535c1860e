import Acquisition
import Hardware
import LinuxPlatform
import ModelCommands
import Sensors
import Text

/// The sensors of a configuration on the buses, lines and files of this machine.
///
/// Everything is opened by the start of a sensor and opened anew after it went away, so a daemon
/// starts without a sensor, and a plugged-in adapter is found while it runs.
struct DeviceBank: SensorBank, ~Copyable {
  /// The most I2C buses.
  static let busLimit = 8

  /// The configuration.
  let file: ConfigurationFile
  private var setups: SensorSetups
  private var buses: InlineArray<8, I2CAdapter?>
  private var files: InlineArray<16, KernelFileSource?>
  private var inputs: InlineArray<16, GPIOInput?>
  private var triggers: InlineArray<16, GPIOOutput?>
  /// Sensors whose line was opened and is not watched yet, as bits.
  private var unwatched: UInt32 = 0
  /// Sensors whose changes are logged, as bits.
  private let edgeLoggers: UInt32
  /// Why a sensor could not be opened, in more words than a `SensorError` has.
  private var problem = TextBuffer<512>()
  private var problemSensor = -1

  init(_ file: consuming ConfigurationFile, _ setups: consuming SensorSetups) {
    var edgeLoggers: UInt32 = 0
    for index in 0..<setups.count
    where setups[index].kind == .level && setups[index].level.logsEdges {
      edgeLoggers |= 1 << UInt32(index)
    }
    self.edgeLoggers = edgeLoggers
    self.file = file
    self.setups = setups
    buses = InlineArray { _ in nil }
    files = InlineArray { _ in nil }
    inputs = InlineArray { _ in nil }
    triggers = InlineArray { _ in nil }
  }

  /// How many sensors there are.
  var count: Int { setups.count }

  func now() -> UInt64 { MonotonicClock.now() }

  // MARK: Actions

  mutating func start(_ sensor: Int) throws(SensorError) -> StartProgress {
    problemSensor = -1
    switch setups.kind(sensor) {
    case .i2c:
      return try withBus(of: sensor) { driver, bus throws(SensorError) in
        try driver.start(on: &bus)
      }
    case .file:
      try openFile(sensor)
      return .ready
    case .level, .counter, .frequency, .echo:
      try openLine(sensor)
      return .ready
    }
  }

  mutating func trigger(_ sensor: Int) throws(SensorError) {
    guard setups.kind(sensor) == .echo else {
      return try withBus(of: sensor) { driver, bus throws(SensorError) in
        try driver.trigger(on: &bus)
      }
    }
    guard var output = triggers[sensor].take() else { throw .bus(BusError(.missingBus)) }
    let result = outcome { () throws(SensorError) in
      try setups.update(sensor) { setup throws(SensorError) in
        try setup.echo.trigger(on: &output) { MonotonicClock.now() }
      }
    }
    triggers[sensor] = consume output
    return try result.get()
  }

  mutating func read(
    _ sensor: Int, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    switch setups.kind(sensor) {
    case .i2c:
      return try withBus(of: sensor) { driver, bus throws(SensorError) in
        try driver.read(on: &bus, into: &reading)
      }
    case .file:
      guard var source = files[sensor].take() else { throw .bus(BusError(.missingBus)) }
      let result = outcome { () throws(SensorError) in
        try setups.update(sensor) { setup throws(SensorError) in
          try setup.kernelFile?.read(from: &source, into: &reading) ?? .nothingNew
        }
      }
      files[sensor] = consume source
      return try result.get()
    case .level, .counter, .frequency, .echo:
      return try readLine(sensor, &reading)
    }
  }

  // MARK: I2C

  private mutating func withBus<Value>(
    of sensor: Int, _ body: (inout I2CSensor, inout I2CAdapter) throws(SensorError) -> Value
  ) throws(SensorError) -> Value {
    let number = setups.bus(sensor)
    if buses[number] == nil { try openBus(number, sensor) }
    guard var bus = buses[number].take() else { throw .bus(BusError(.missingBus)) }
    let result = outcome { () throws(SensorError) in
      try setups.update(sensor) { setup throws(SensorError) in
        guard var driver = setup.i2c else { throw .bus(BusError(.missingBus)) }
        defer { setup.i2c = driver }
        return try body(&driver, &bus)
      }
    }
    // An adapter that was pulled out is opened anew with the next start.
    if case .failure(.bus(let error)) = result, error.kind == .missingBus {
      return try result.get()
    }
    buses[number] = consume bus
    return try result.get()
  }

  private mutating func openBus(_ number: Int, _ sensor: Int) throws(SensorError) {
    guard let entry = file.entry("bus", inSection: setups.section(sensor)),
      let path = try? file.path(entry)
    else { throw .bus(BusError(.missingBus)) }
    do throws(BusError) {
      buses[number] = try I2CAdapter(path)
    } catch {
      throw .bus(error)
    }
  }

  // MARK: Files of kernel drivers

  private mutating func openFile(_ sensor: Int) throws(SensorError) {
    let section = setups.section(sensor)
    guard let entry = file.entry("path", inSection: section), let path = try? file.path(entry),
      var driver = setups.kernelFile(sensor)
    else { throw .bus(BusError(.other)) }
    if let scale = file.entry("scale-path", inSection: section), let path = try? file.path(scale) {
      var source = KernelFileSource(path)
      try driver.readScale(from: &source)
    } else if driver.kind.isRaw {
      Self.readBeside(path, .scale, .sharedScale) { source throws(SensorError) in
        try driver.readScale(from: &source)
      }
    }
    if let offset = file.entry("offset-path", inSection: section),
      let path = try? file.path(offset)
    {
      var source = KernelFileSource(path)
      try driver.readOffset(from: &source)
    } else if driver.kind.isRaw {
      Self.readBeside(path, .offset, .sharedOffset) { source throws(SensorError) in
        try driver.readOffset(from: &source)
      }
    }
    let configured = driver
    try setups.update(sensor) { setup throws(SensorError) in setup.kernelFile = configured }
    files[sensor] = KernelFileSource(path)
  }

  /// Reads one of two files beside a raw one; neither is fine.
  private static func readBeside(
    _ path: FilePath, _ own: KernelFileSibling, _ shared: KernelFileSibling,
    _ read: (inout KernelFileSource) throws(SensorError) -> Void
  ) {
    if (try? readSibling(path, own, read)) == nil { try? readSibling(path, shared, read) }
  }

  private static func readSibling(
    _ path: FilePath, _ sibling: KernelFileSibling,
    _ read: (inout KernelFileSource) throws(SensorError) -> Void
  ) throws(SensorError) {
    var name = TextBuffer<4096>()
    guard sibling.append(of: path.bytes, to: &name), let path = try? FilePath(name.bytes) else {
      throw .notANumber
    }
    var source = KernelFileSource(path)
    try read(&source)
  }

  // MARK: Lines

  private mutating func openLine(_ sensor: Int) throws(SensorError) {
    let section = setups.section(sensor)
    inputs[sensor] = nil
    triggers[sensor] = nil
    do throws(GPIOError) {
      let line = try GPIOLine.find(LineSettings.choice(file, section, "chip", "line"))
      inputs[sensor] = try GPIOInput(
        line, activeLow: LineSettings.isActiveLow(file, section),
        bias: LineSettings.bias(file, section))
      if setups.kind(sensor) == .echo {
        let chip: StaticString =
          file.entry("trigger-chip", inSection: section) == nil ? "chip" : "trigger-chip"
        let line = try GPIOLine.find(LineSettings.choice(file, section, chip, "trigger-line"))
        triggers[sensor] = try GPIOOutput(line, initially: false)
      }
      unwatched |= 1 << UInt32(sensor)
    } catch {
      problem.removeAll()
      error.describe(into: &problem)
      problemSensor = sensor
      throw .bus(LineSettings.busError(error))
    }
  }

  private mutating func readLine(
    _ sensor: Int, _ reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    guard var line = inputs[sensor].take() else { throw .bus(BusError(.missingBus)) }
    let result = outcome { () throws(SensorError) in
      try setups.update(sensor) { setup throws(SensorError) in
        let now = MonotonicClock.now()
        return switch setup.kind {
        case .level: try setup.level.read(from: &line, at: now, into: &reading)
        case .counter: try setup.counter.read(from: &line, at: now, into: &reading)
        case .frequency: try setup.frequency.read(from: &line, at: now, into: &reading)
        default: try setup.echo.read(from: &line, into: &reading)
        }
      }
    }
    inputs[sensor] = consume line
    return try result.get()
  }

  /// Takes the changes of a line that has some, so that the kernel's queue does not overflow
  /// between two readings. An error shows again at the next reading.
  mutating func collect(_ sensor: Int) {
    guard sensor < setups.count, var line = inputs[sensor].take() else { return }
    try? setups.update(sensor) { setup throws(SensorError) in
      let now = MonotonicClock.now()
      switch setup.kind {
      case .level: try setup.level.collect(from: &line, at: now)
      case .counter: try setup.counter.collect(from: &line, at: now)
      case .frequency: try setup.frequency.collect(from: &line, at: now)
      // Its two edges wait for the reading.
      default: break
      }
    }
    inputs[sensor] = consume line
  }

  /// The oldest change of a line that is to be logged and was not taken yet.
  mutating func takeEdge(_ sensor: Int) -> EdgeQueue.Entry? {
    guard edgeLoggers & 1 << UInt32(sensor) != 0 else { return nil }
    return try? setups.update(sensor) { setup throws(SensorError) in setup.level.takeEdge() }
  }

  /// A line that was opened since the last call and has changes to be watched for.
  mutating func takeUnwatched() -> (sensor: Int, descriptor: EventDescriptor)? {
    while unwatched != 0 {
      let sensor = unwatched.trailingZeroBitCount
      unwatched &= unwatched - 1
      guard setups.kind(sensor) != .echo else { continue }
      if let descriptor = descriptor(sensor) { return (sensor, descriptor) }
    }
    return nil
  }

  private func descriptor(_ sensor: Int) -> EventDescriptor? {
    switch inputs[sensor] {
    case .some(let line): line.eventDescriptor
    case .none: nil
    }
  }

  // MARK: Words
  //
  // They change nothing. But what does not change the bank is given a copy of it, on the stack.

  /// The name of a sensor.
  mutating func appendName(_ sensor: Int, to sink: inout some TextSink & ~Copyable) {
    sink.append(visible: file.name(ofSection: setups.section(sensor)))
  }

  /// Where a sensor is: `/dev/i2c-1`, a path, a line.
  mutating func appendPlace(_ sensor: Int, to sink: inout some TextSink & ~Copyable) {
    let section = setups.section(sensor)
    switch setups.kind(sensor) {
    case .i2c: append("bus", section, to: &sink)
    case .file: append("path", section, to: &sink)
    case .level, .counter, .frequency, .echo: append("line", section, to: &sink)
    }
    if let address = setups.address(sensor) {
      sink.append(" address ")
      address.append(to: &sink)
    }
  }

  private mutating func append(
    _ key: StaticString, _ section: Int, to sink: inout some TextSink & ~Copyable
  ) {
    guard let entry = file.entry(key, inSection: section) else { return }
    sink.append(visible: file.value(of: entry))
  }

  /// Where a sensor is, what happened and what to try.
  mutating func describe(
    _ error: SensorError, of sensor: Int, into sink: inout some TextSink & ~Copyable
  ) {
    appendPlace(sensor, to: &sink)
    sink.append(": ")
    if problemSensor == sensor {
      sink.append(problem.bytes)
    } else {
      if case .bus(let error) = error, error.code != 0 {
        ErrorNumber.appendName(error.code, to: &sink)
        sink.append(", ")
      }
      error.describe(into: &sink)
    }
  }
}

/// The result of something that may fail, for putting things back before it is passed on.
func outcome<Value, Failure: Error>(
  _ body: () throws(Failure) -> Value
) -> Result<Value, Failure> {
  do throws(Failure) {
    return .success(try body())
  } catch {
    return .failure(error)
  }
}
