import Acquisition
import Hardware
import LinuxPlatform
import ModelCommands
import ModelFormat
import Sensors
import Text

/// All sensors of a configuration, in the order of the file.
struct SensorSetups: ~Copyable {
  /// How many there are.
  let count: Int
  /// How many different I2C buses they are on.
  let busCount: Int

  private var setups: InlineArray<16, SensorSetup?>

  init(
    _ file: borrowing ConfigurationFile, contractRate: Int
  ) throws(CommandFailure) {
    _ = try file.required(.sensor, example: "[sensor room] type = bme280")
    let count = file.count(.sensor)
    var setups = InlineArray<16, SensorSetup?>(repeating: nil)
    var busCount = 0
    for index in 0..<count {
      guard let section = file.index(.sensor, index) else { continue }
      var setup = try SensorSetup(file, section: section, contractRate: contractRate)
      setup.bus = Self.bus(of: setup, index, setups, file)
      busCount = max(busCount, setup.bus + 1)
      setups[index] = setup
    }
    guard busCount <= DeviceBank.busLimit else {
      throw CommandFailure(exitCode: CommandFailure.badData, file: file.path) {
        $0.append("the sensors are on ")
        $0.append(busCount)
        $0.append(" I2C buses; use at most ")
        $0.append(DeviceBank.busLimit)
      }
    }
    self.count = count
    self.setups = setups
    self.busCount = busCount
  }

  /// The number of a sensor's bus: that of an earlier sensor on the same one, or a new one.
  private static func bus(
    of setup: SensorSetup, _ index: Int, _ setups: borrowing InlineArray<16, SensorSetup?>,
    _ file: borrowing ConfigurationFile
  ) -> Int {
    guard setup.kind == .i2c, let entry = file.entry("bus", inSection: setup.section) else {
      return 0
    }
    var next = 0
    for earlier in 0..<index {
      guard let other = setups[earlier], other.kind == .i2c,
        let otherEntry = file.entry("bus", inSection: other.section)
      else { continue }
      if file.value(of: otherEntry).equals(file.value(of: entry)) { return other.bus }
      next = max(next, other.bus + 1)
    }
    return next
  }

  /// One of them.
  subscript(index: Int) -> SensorSetup {
    guard let setup = setups[index] else { preconditionFailure("no such sensor") }
    return setup
  }

  func quantities(_ index: Int) -> Quantities { self[index].quantities }

  func rateMillihertz(_ index: Int) -> Int { self[index].rateMillihertz }

  // For the loop: the subscript copies all of them before it looks at one.

  /// What kind of thing one of them is.
  mutating func kind(_ index: Int) -> SensorKind { Self.present(setups.mutableSpan[index]?.kind) }

  /// The number of its section.
  mutating func section(_ index: Int) -> Int { Self.present(setups.mutableSpan[index]?.section) }

  /// The number of its bus.
  mutating func bus(_ index: Int) -> Int { Self.present(setups.mutableSpan[index]?.bus) }

  /// Where it answers, if it is an I2C device.
  mutating func address(_ index: Int) -> I2CAddress? { setups.mutableSpan[index]?.address }

  /// Its driver, if it is a file.
  mutating func kernelFile(_ index: Int) -> KernelFileSensor? {
    setups.mutableSpan[index]?.kernelFile
  }

  private static func present<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("no such sensor") }
    return value
  }

  /// Lets `body` use and change a driver.
  mutating func update<Result>(
    _ index: Int, _ body: (inout SensorSetup) throws(SensorError) -> Result
  ) throws(SensorError) -> Result {
    var setups = setups.mutableSpan
    guard var setup = setups[index] else { preconditionFailure("no such sensor") }
    defer { setups[index] = setup }
    return try body(&setup)
  }

  /// The schedule of all of them.
  func acquisition(
    _ contract: InputContract, _ binding: borrowing ChannelBinding, origin: UInt64
  ) -> Acquisition {
    var timings = InlineArray<16, SensorTiming>(
      repeating: SensorTiming(rateMillihertz: 1000, conversionNanoseconds: 0))
    for index in 0..<count { timings[index] = self[index].timing }
    return Acquisition(
      sampleRateMillihertz: contract.rateMillihertz, origin: origin,
      sensors: timings.span.extracting(first: count),
      channels: binding.channels.span.extracting(first: contract.channelCount))
  }
}
