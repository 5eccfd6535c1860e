import Acquisition
import LinuxPlatform
import ModelCommands
import ModelFormat
import Sensors
import Text

/// Which number of which sensor each channel of the model's contract is, and how it is converted.
struct ChannelBinding {
  /// In the order of the contract.
  private(set) var channels: InlineArray<127, ChannelSource>

  /// Finds the `[channel NAME]` of each channel of a contract, and its sensor.
  ///
  /// - Throws: When names, count, units or rates differ, with both sides.
  init(
    _ file: borrowing ConfigurationFile, _ model: borrowing Model,
    _ sensors: borrowing SensorSetups
  ) throws(CommandFailure) {
    channels = InlineArray(repeating: ChannelSource(sensor: 0, quantity: 0))
    guard let contract = model.contract else { preconditionFailure("checked before") }
    for index in 0..<contract.channelCount {
      let name = Span<UInt8>(_bytes: model.text(model.channel(index).name))
      guard let ordinal = file.ordinal(.channel, named: name),
        let section = file.index(.channel, ordinal)
      else { throw Self.mismatch(file, model, missing: index) }
      channels[index] = try Self.source(file, section, model, index, sensors)
    }
    for ordinal in 0..<file.count(.channel) {
      guard let section = file.index(.channel, ordinal) else { continue }
      var isKnown = false
      for index in 0..<contract.channelCount
      where file.name(ofSection: section).equals(
        Span(_bytes: model.text(model.channel(index).name)))
      {
        isKnown = true
      }
      guard isKnown else { throw Self.mismatch(file, model, superfluous: section) }
    }
  }

  // MARK: One channel

  private static func source(
    _ file: borrowing ConfigurationFile, _ section: Int, _ model: borrowing Model, _ index: Int,
    _ sensors: borrowing SensorSetups
  ) throws(CommandFailure) -> ChannelSource {
    let sensorEntry = try file.required("sensor", inSection: section, example: "NAME")
    guard let sensor = file.ordinal(.sensor, named: file.value(of: sensorEntry)) else {
      throw file.refusal(of: sensorEntry) {
        $0.append("there is no [sensor ")
        $0.append(visible: file.value(of: sensorEntry))
        $0.append("]; the sensors are: ")
        appendNames(.sensor, file, to: &$0)
      }
    }
    let quantities = sensors.quantities(sensor)
    let quantity = try self.quantity(file, section, quantities, sensorEntry)
    var source = ChannelSource(sensor: sensor, quantity: quantity)
    try convert(file, section, model, index, quantities[quantity], &source.calibration)
    try calibrate(file, section, &source)
    try checkRate(file, section, model, sensors.rateMillihertz(sensor), sensorEntry)
    return source
  }

  private static func quantity(
    _ file: borrowing ConfigurationFile, _ section: Int, _ quantities: Quantities, _ sensor: Entry
  ) throws(CommandFailure) -> Int {
    guard let entry = file.entry("quantity", inSection: section) else {
      if quantities.count == 1 { return 0 }
      throw file.failure(line: file.section(section).line) {
        file.appendTitle(ofSection: section, to: &$0)
        $0.append(" quantity is missing; [sensor ")
        $0.append(visible: file.value(of: sensor))
        $0.append("] gives: ")
        append(quantities, to: &$0)
      }
    }
    if let index = quantities.index(named: file.value(of: entry)) { return index }
    throw file.refusal(of: entry) {
      $0.append("[sensor ")
      $0.append(visible: file.value(of: sensor))
      $0.append("] gives: ")
      append(quantities, to: &$0)
    }
  }

  private static func convert(
    _ file: borrowing ConfigurationFile, _ section: Int, _ model: borrowing Model, _ index: Int,
    _ quantity: Quantity, _ calibration: inout Calibration
  ) throws(CommandFailure) {
    let unit = Span<UInt8>(_bytes: model.text(model.channel(index).unit))
    let stated = file.entry("unit", inSection: section)
    if let stated, !file.value(of: stated).equals(unit) {
      throw file.refusal(of: stated) {
        $0.append("the model was trained on ")
        $0.append(visible: unit)
        $0.append("; correct it, or convert the model with another contract")
      }
    }
    if quantity.unit.bytes.equals(unit) { return }
    guard let conversion = UnitConversion(from: quantity.unit.bytes, to: unit) else {
      throw file.failure(line: file.section(section).line) {
        file.appendTitle(ofSection: section, to: &$0)
        $0.append(": the sensor gives ")
        $0.append(visible: quantity.name.bytes)
        $0.append(" in \"")
        $0.append(visible: quantity.unit.bytes)
        $0.append("\", the model was trained on \"")
        $0.append(visible: unit)
        $0.append("\", and one cannot be converted to the other; choose another quantity or sensor")
      }
    }
    calibration.unitScale = conversion.gain
    calibration.unitOffset = conversion.offset
  }

  private static func calibrate(
    _ file: borrowing ConfigurationFile, _ section: Int, _ source: inout ChannelSource
  ) throws(CommandFailure) {
    func number(_ key: StaticString) throws(CommandFailure) -> Float? {
      try file.number(key, inSection: section).map { Float($0) }
    }
    if let entry = file.entry("readings", inSection: section) {
      let value = file.value(of: entry)
      guard value.equals("last") || value.equals("mean") else {
        throw file.refusal(of: entry) { $0.append("known: last, mean") }
      }
      source.takesMean = value.equals("mean")
    }
    if let gain = try file.number("gain", inSection: section) { source.calibration.gain = gain }
    if let offset = try file.number("offset", inSection: section) {
      source.calibration.offset = offset
    }
    if let minimum = try number("minimum") { source.calibration.minimum = minimum }
    if let maximum = try number("maximum") { source.calibration.maximum = maximum }
    if let length = try file.integer(
      "median", inSection: section, in: 1...MedianFilter.maximumLength)
    {
      guard length % 2 == 1 else {
        throw file.failure(line: file.entry("median", inSection: section)?.line ?? 0) {
          $0.append("median is ")
          $0.append(length)
          $0.append("; write an odd number of readings: 1, 3, 5, 7 or 9")
        }
      }
      source.calibration.medianLength = length
    }
    if let minimum = try number("plausible-minimum") { source.limits.minimum = minimum }
    if let maximum = try number("plausible-maximum") { source.limits.maximum = maximum }
    if let step = try file.number("maximum-step", inSection: section, from: 0) {
      source.limits.maximumStepPerSecond = Float(step)
    }
    if let count = try file.integer("stuck-after", inSection: section, in: 2...1_000_000) {
      source.limits.stuckAfter = count
    }
    try checkOrder(
      file, section, "minimum", source.calibration.minimum, "maximum", source.calibration.maximum)
    try checkOrder(
      file, section, "plausible-minimum", source.limits.minimum, "plausible-maximum",
      source.limits.maximum)
  }

  private static func checkOrder(
    _ file: borrowing ConfigurationFile, _ section: Int, _ low: StaticString, _ minimum: Float,
    _ high: StaticString, _ maximum: Float
  ) throws(CommandFailure) {
    guard minimum > maximum else { return }
    throw file.failure(line: file.entry(low, inSection: section)?.line ?? 0) {
      $0.append(low)
      $0.append(" is above ")
      $0.append(high)
      $0.append("; exchange them")
    }
  }

  private static func checkRate(
    _ file: borrowing ConfigurationFile, _ section: Int, _ model: borrowing Model, _ rate: Int,
    _ sensor: Entry
  ) throws(CommandFailure) {
    let repeats = try file.flag("repeat", inSection: section) ?? false
    guard let contract = model.contract, rate < contract.rateMillihertz, !repeats else { return }
    throw file.failure(line: file.section(section).line) {
      file.appendTitle(ofSection: section, to: &$0)
      $0.append(": [sensor ")
      $0.append(visible: file.value(of: sensor))
      $0.append("] gives ")
      $0.append(Double(rate) / 1000, fractionDigits: 3)
      $0.append(" readings a second, the model takes ")
      $0.append(Double(contract.rateMillihertz) / 1000, fractionDigits: 3)
      $0.append(" samples; raise its `rate`, or set `repeat = yes` here to use readings twice")
    }
  }

  // MARK: Both sides

  private static func mismatch(
    _ file: borrowing ConfigurationFile, _ model: borrowing Model, missing index: Int
  ) -> CommandFailure {
    CommandFailure(exitCode: CommandFailure.badData, file: file.path) {
      $0.append("[channel ")
      $0.append(visible: Span(_bytes: model.text(model.channel(index).name)))
      $0.append("] is missing; ")
      appendBothSides(file, model, to: &$0)
    }
  }

  private static func mismatch(
    _ file: borrowing ConfigurationFile, _ model: borrowing Model, superfluous section: Int
  ) -> CommandFailure {
    file.failure(line: file.section(section).line) {
      $0.append("the model has no channel \"")
      $0.append(visible: file.name(ofSection: section))
      $0.append("\"; ")
      appendBothSides(file, model, to: &$0)
    }
  }

  /// `the model takes: a (g), b (g); the configuration has: a, c`
  private static func appendBothSides(
    _ file: borrowing ConfigurationFile, _ model: borrowing Model,
    to sink: inout some TextSink & ~Copyable
  ) {
    sink.append("the model takes: ")
    for index in 0..<(model.contract?.channelCount ?? 0) {
      let channel = model.channel(index)
      if index > 0 { sink.append(", ") }
      sink.append(visible: Span(_bytes: model.text(channel.name)))
      sink.append(" (")
      sink.append(visible: Span(_bytes: model.text(channel.unit)))
      sink.append(")")
    }
    sink.append("; the configuration has: ")
    appendNames(.channel, file, to: &sink)
  }

  private static func appendNames(
    _ kind: SectionKind, _ file: borrowing ConfigurationFile,
    to sink: inout some TextSink & ~Copyable
  ) {
    let count = file.count(kind)
    if count == 0 { sink.append("none") }
    for ordinal in 0..<count {
      guard let section = file.index(kind, ordinal) else { continue }
      if ordinal > 0 { sink.append(", ") }
      sink.append(visible: file.name(ofSection: section))
    }
  }

  private static func append(
    _ quantities: Quantities, to sink: inout some TextSink & ~Copyable
  ) {
    for index in 0..<min(quantities.count, 12) {
      if index > 0 { sink.append(", ") }
      quantities.appendName(index, to: &sink)
      sink.append(" (")
      sink.append(quantities[index].unit.bytes)
      sink.append(")")
    }
    if quantities.count > 12 { sink.append(" …") }
  }
}
