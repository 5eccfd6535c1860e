import Foundation
import Testing

@Suite(
  "swiftletd on an emulated AST2600 (ARMv7 without NEON)", .serialized,
  .enabled(if: BoardFiles.areAvailable, BoardFiles.howToGetThem))
struct EvaluationBoardTests {
  /// A board with a quiet room at 22 °C and a contact that is shut. Booting takes half of the time of
  /// these tests, so each asks all it can of one board.
  private func board(_ configuration: String) throws -> Emulator {
    let board = try Emulator(.ast2600, files: SampleModel.files(configuration))
    try board.plugThermometer(in: true)
    try board.setTemperature(milliCelsius: 22_000)
    try board.driveInput(false)
    return board
  }

  @Test("predicts what the test does to temperature and contact, and logs each reading as it was")
  func followsTheWorld() throws {
    let board = try board(
      SampleModel.onEvaluationBoard(contact: "log-edges = yes", log: Emulator.keepsAllWindows))
    try lookAround(board)
    try board.startDaemon()
    let sequence = try board.waitForRecord("a quiet room", within: 180) {
      $0.predictedClass == "Quiet"
    }.sequence

    // The contact opens and the room cools.
    let opened = try board.moment { try board.driveInput(true) }
    var celsius = try expectAiring(board, after: sequence, opened)

    // Shut, warming up.
    let shut = try board.moment { try board.driveInput(false) }
    celsius = try expect("Heating", of: board, from: celsius, perSecond: 0.28)
    // Shut, says the contact, and yet the room cools.
    _ = try expect("Draught", of: board, from: celsius, perSecond: -0.28)
    let held = try holdExactTemperatures(board)
    let (status, messages) = try board.stopDaemon()
    #expect(status == 0, "\(messages)")
    let log = try board.log()
    #expect(log.torn.isEmpty)

    // Each change has the time at which it was made, to the resolution of the test's own clock.
    let edges = log.records.filter { $0.kind == "edge" }
    try #require(edges.count == 2, "\(edges.map(\.line))")
    for (edge, (moment, level)) in zip(edges, [(opened, 1), (shut, 0)]) {
      let seconds = ((edge.fields["edge_mono_ns"] as? NSNumber)?.doubleValue ?? 0) / 1e9
      #expect(moment.contains(seconds), "\(moment): \(edge.line)")
      #expect(edge.fields["level"] as? Int == level, "\(edge.line)")
      #expect(edge.fields["sensor"] as? String == "contact", "\(edge.line)")
    }
    // Each reading is what the sensor makes of what the test set, to the bit.
    let windows = try board.rawWindows()
    var checked = 0
    for (expected, begin, end) in held {
      let readings = windows.readings("temperature", from: begin, to: end)
      #expect(readings.allSatisfy { $0 == expected }, "\(expected): \(readings)")
      checked += readings.count
    }
    #expect(checked >= 12, "\(held)")
    let open = windows.readings("window", from: opened.upperBound, to: shut.lowerBound)
    #expect(open.count >= 10 && open.allSatisfy { $0 == 1 }, "\(open)")
  }

  /// Cools the room behind the open window until the daemon predicts airing; returns how warm it is.
  private func expectAiring(
    _ board: Emulator, after sequence: Int, _ opened: ClosedRange<Double>
  ) throws -> Double {
    let cooling = TemperatureRamp(board, from: 22, perSecond: -0.3)
    defer { cooling.end() }
    try board.waitForRecord("airing", within: 180, after: sequence) {
      $0.predictedClass == "Airing" && $0.windowEnd ?? 0 > opened.upperBound + 5
    }
    let predictions = try board.log().records.filter {
      $0.sequence > sequence && $0.kind == "prediction"
    }
    let airing = try #require(predictions.first { $0.predictedClass == "Airing" })
    // Not before it happened, and at the latest when a whole window has seen it.
    #expect(airing.windowEnd ?? 0 >= opened.lowerBound, "\(opened): \(airing.line)")
    let whole = predictions.first { $0.windowEnd ?? 0 > opened.upperBound + 7.75 }
    #expect(airing.sequence <= whole?.sequence ?? .max, "\(opened): \(airing.line)")
    return cooling.end()
  }

  /// Changes the temperature until the daemon predicts a class, and returns what it has come to.
  private func expect(
    _ predicted: String, of board: Emulator, from celsius: Double, perSecond slope: Double
  ) throws -> Double {
    let sequence = try board.lastSequence()
    let ramp = TemperatureRamp(board, from: celsius, perSecond: slope)
    defer { ramp.end() }
    try board.waitForRecord(predicted, within: 180, after: sequence) {
      $0.predictedClass == predicted
    }
    return ramp.end()
  }

  /// The other commands, on a board where no daemon runs.
  private func lookAround(_ board: Emulator) throws {
    let (list, status) = try board.attempt("swiftletd check --config \(Emulator.configurationPath)")
    #expect(status == 0, "\(list)")
    for line in [
      "ok       sensor thermometer  /dev/i2c-3 address 0x49 answers",
      "ok       sensor contact  1e780000.gpio", "ok       model",
    ] {
      #expect(list.contains(line), "\(line) in: \(list)")
    }
    // A sensor that is not there is a problem, with what to do.
    try board.plugThermometer(in: false)
    let (problems, exitCode) = try board.attempt(
      "swiftletd check --config \(Emulator.configurationPath)")
    #expect(exitCode == 74, "\(problems)")
    #expect(
      problems.contains("problem  sensor thermometer  /dev/i2c-3 address 0x49: no device"),
      "\(problems)")
    try board.plugThermometer(in: true)

    let found = try board.shell("swiftletd probe", within: 180)
    for line in [
      "I2C /dev/i2c-3", "  0x49  ", "  0x1e  lsm303dlhc", "  0x77  ", "  0x70  ",
      "GPIO 1e780000.gpio  208 lines",
    ] {
      #expect(found.contains(line), "\(line) in: \(found)")
    }

    // Twelve samples of 22 °C with the contact shut.
    try board.shell(
      "swiftletd record --config \(Emulator.configurationPath) --label shut --duration 3 "
        + "--output /run/shut.csv", within: 180)
    let rows = try board.file("/run/shut.csv").split(separator: "\n").map(String.init)
    #expect(rows.first == "time_s,temperature (°C),window (level)")
    #expect(rows.count > 6, "\(rows)")
    #expect(rows.dropFirst().allSatisfy { $0.hasSuffix(",22.000000000,0.000000000") }, "\(rows)")
    let description = try board.file("/run/shut.csv.json")
    #expect(description.contains("\"label\":\"shut\",\"rate_hz\":4"), "\(description)")
  }

  /// Sets temperatures that are no multiple of the sensor's step, each until the end of a window that has
  /// seen two seconds of it, and returns what it reads then (twelve bits of 1/16 °C, the rest cut off) and
  /// between which moments.
  private func holdExactTemperatures(
    _ board: Emulator
  ) throws -> [(expected: Float, from: Double, to: Double)] {
    var held: [(expected: Float, from: Double, to: Double)] = []
    for milliCelsius in [21_137, -3_210, 85_999, 22_010] {
      try board.setTemperature(milliCelsius: milliCelsius)
      let begin = try board.uptime()
      try board.waitForRecord("two seconds of what is held", within: 180) {
        $0.windowEnd ?? 0 > begin + 2
      }
      let end = try board.uptime()
      let steps = milliCelsius * 256 / 1000 & ~15
      // The clock of the test's own has two digits.
      held.append((Float(steps) / 256, begin + 0.01, end - 0.01))
    }
    return held
  }

  @Test("goes on through clocks that jump, sensors that stick and sensors that are unplugged")
  func troubles() throws {
    let board = try board(SampleModel.onEvaluationBoard(channel: "stuck-after = 20"))
    try board.shell("date -s '2026-11-23 12:00:00'")
    try board.startDaemon()
    var last = try board.predictionWhileMoving(after: -1)
    for day in ["2026-11-24", "2026-11-22"] {
      try board.shell("date -s '\(day) 12:00:00'")
      last = try board.predictionWhileMoving(after: try board.lastSequence())
    }
    expectSteadyPredictions(try board.log())

    // Twenty samples are five seconds; after that no window is fit for a prediction.
    let stuck = try board.waitForRecord("the stuck sensor", within: 180, after: last.sequence) {
      $0.kind == "window" && $0.fields["event"] as? String == "skipping"
    }
    #expect(stuck.fields["channel"] as? String == "temperature", "\(stuck.line)")
    #expect((stuck.fields["reason"] as? String)?.contains("stuck") == true, "\(stuck.line)")
    // It moves again.
    let moving = try board.predictionWhileMoving(after: stuck.sequence)

    try board.plugThermometer(in: false)
    let gone = try board.waitForRecord("the lost sensor", within: 180, after: moving.sequence) {
      $0.isSensorEvent("failed", of: "thermometer")
    }
    #expect(gone.fields["error"] as? String == "no_acknowledge", "\(gone.line)")
    let text = gone.fields["text"] as? String ?? ""
    #expect(text.contains("/dev/i2c-3") && text.contains("0x49"), "\(text)")
    Thread.sleep(forTimeInterval: 3)
    let plugged = try board.moment { try board.plugThermometer(in: true) }
    let back = try board.waitForRecord("the sensor's return", within: 180, after: gone.sequence) {
      $0.isSensorEvent("recovered", of: "thermometer")
    }
    let missing = (back.fields["missing"] as? NSNumber)?.intValue ?? 0
    #expect(missing >= 12, "\(back.line)")
    let next = try board.predictionWhileMoving(after: back.sequence)
    // A whole window of readings since the sensor is back: its first is of the deadline before, at most.
    let windowBegin = try #require(next.windowEnd) - 7.75
    #expect(windowBegin > plugged.lowerBound - 0.25, "\(plugged): \(next.line)")

    let (status, messages) = try board.stopDaemon()
    #expect(status == 0, "\(messages)")
    // The contact kept its schedule meanwhile.
    let log = try board.log()
    #expect(try #require(log.residentByteCount) <= JournalOnDisk.residentByteLimit)
    let health = try #require(log.records.last { $0.kind == "health" })
    let sensors = health.fields["sensors"] as? [String: [String: Any]] ?? [:]
    #expect(sensors["contact"]?["missing"] as? Int == 0, "\(health.line)")
  }

  /// Predictions go on as the monotonic clock does, and both jumps of the other one told.
  private func expectSteadyPredictions(_ log: JournalOnDisk) {
    let predictions = log.records.filter { $0.kind == "prediction" }
    for (earlier, later) in zip(predictions, predictions.dropFirst()) {
      // One a second by the samples' clock, and more where the machine could not emulate the board in time.
      let step = (later.windowEnd ?? .nan) - (earlier.windowEnd ?? .nan)
      #expect(step > 0.5 && step < 120, "\(step) s between two predictions")
    }
    let jumps = log.records.filter { $0.kind == "clock" }
      .compactMap { ($0.fields["jump_s"] as? NSNumber)?.doubleValue }
    #expect(jumps.contains { abs($0 - 86_400) < 600 }, "\(jumps)")
    #expect(jumps.contains { abs($0 + 172_800) < 600 }, "\(jumps)")
    let days = Set(predictions.compactMap { ($0.fields["time"] as? String)?.prefix(10) })
    #expect(days == ["2026-11-22", "2026-11-23", "2026-11-24"], "\(days)")
  }

  @Test("reads magnetometer and barometer as they are, and doubts an axis that leaves its range")
  func severalSensors() throws {
    let scratch = try ScratchFolder()
    let board = try Emulator(
      .ast2600,
      files: [
        "etc/swiftlet/model.swl": Compass.model(in: scratch),
        "etc/swiftlet/swiftletd.conf": Data(Compass.configuration.utf8),
      ])
    let pressure = try Compass.expectedPressure(board)
    try board.setMagneticField(x: 20_000, y: 30_000, z: 40_000)
    try board.startDaemon()
    var last = try board.waitForRecord("a prediction", within: 180) { $0.kind == "prediction" }
    for (axis, field) in [("field_x", (21, 30, 40)), ("field_z", (20, 30, 39))] {
      try board.setMagneticField(x: field.0 * 1000, y: field.1 * 1000, z: field.2 * 1000)
      let doubt = try board.waitForRecord("doubt about \(axis)", within: 180, after: last.sequence)
      {
        $0.kind == "window" && $0.fields["event"] as? String == "skipping"
      }
      #expect(doubt.fields["channel"] as? String == axis, "\(doubt.line)")
      try board.setMagneticField(x: 20_000, y: 30_000, z: 40_000)
      last = try board.waitForRecord("predictions again", within: 180, after: doubt.sequence) {
        $0.kind == "prediction"
      }
    }
    let (status, messages) = try board.stopDaemon()
    #expect(status == 0, "\(messages)")

    let windows = try board.rawWindows()
    #expect(windows.samples.count >= 30)
    let pressures = Set(windows.samples.map { $0.readings["pressure"] })
    #expect(pressures == [pressure.pascals], "of \(pressure.registers)")
    let temperatures = Set(windows.samples.map { $0.readings["barometer"] })
    #expect(temperatures == [pressure.celsius], "of \(pressure.registers)")
    // The last window is all of the field set last; a step is 100 µT / 1100, along Z / 980.
    for sample in windows.samples.suffix(20) {
      for (axis, microtesla, steps) in [
        ("field_x", Float(20), Float(1100)), ("field_y", 30, 1100), ("field_z", 40, 980),
      ] {
        let reading = sample.readings[axis] ?? .nan
        #expect(abs(reading - microtesla) <= 100 / steps, "\(axis): \(sample)")
      }
    }
  }
}
