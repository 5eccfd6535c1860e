import TestSupport
import Testing

@testable import Sensors

@Suite struct BME280CompensationTests {
  @Test("The worked example gives the datasheet's numbers")
  func example() {
    var words = BME280.Calibration()
    (words.t1, words.t2, words.t3) = (27504, 26435, -1000)
    (words.p1, words.p2, words.p3) = (36477, -10685, 3024)
    (words.p4, words.p5, words.p6) = (2855, 140, -7)
    (words.p7, words.p8, words.p9) = (15500, -14600, 6000)
    let fine = words.fineTemperature(519_888)
    #expect(fine.rawValue == 128_422)
    #expect(fine.temperature.rawValue == 2508)
    // The datasheet prints 25767236, which is its floating-point result.
    #expect(words.pressure(415_148, at: fine)?.rawValue == 25_767_233)
    let doubles = BME280Oracle.Words(
      t: [27504, 26435, -1000],
      p: [36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000], h: [])
    let exactFine = BME280Oracle.fineTemperature(519_888, doubles)
    let exact = BME280Oracle.pascals(415_148, fine: exactFine, doubles)
    #expect((exact * 100).rounded() == 10_065_327)
  }

  @Test("Humidity words that share a byte are taken apart, with their signs")
  func sharedByte() {
    let first = InlineArray<26, UInt8>(repeating: 0)
    let words = BME280.Calibration(
      first, humidity: [0xFE, 0xFF, 0x07, 0x80, 0x5F, 0xFF, 0x80])
    #expect(words.h2 == -2)
    #expect(words.h3 == 7)
    // 0x80 and the low half of 0x5F: -2048 + 15; 0xFF and the high half: -16 + 5.
    #expect(words.h4 == -2033)
    #expect(words.h5 == -11)
    #expect(words.h6 == -128)
  }

  /// Words as devices have them, and raw values of the working range (-40…85 °C, 300…1100 hPa).
  ///
  /// Pressure and humidity are compared at the integers' fine temperature: its last unit, 1/5120
  /// °C, is 0.2 Pa.
  ///
  /// Tolerances: 0.01 °C is one step of the integer result; 0.02 Pa and 0.01 % are some steps of
  /// theirs, for the truncated terms, and far below the noise of a device (1.3 Pa, 0.02 %).
  @Test("Integers agree with the datasheet's floating-point formulas", arguments: [1, 2, 3, 4])
  func oracle(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var compared = 0
    var worst = (temperature: 0.0, pressure: 0.0, humidity: 0.0)
    for _ in 0..<20_000 {
      var words = BME280.Calibration()
      words.t1 = .random(in: 26500...28500, using: &generator)
      words.t2 = .random(in: 25500...27000, using: &generator)
      words.t3 = .random(in: -1100...100, using: &generator)
      words.p1 = .random(in: 35000...39000, using: &generator)
      words.p2 = .random(in: -10900...(-10300), using: &generator)
      words.p3 = .random(in: 2900...3100, using: &generator)
      words.p4 = .random(in: 2000...9000, using: &generator)
      words.p5 = .random(in: -250...250, using: &generator)
      words.p6 = .random(in: -10...0, using: &generator)
      words.p7 = .random(in: 9900...15500, using: &generator)
      words.p8 = .random(in: -14600...(-10000), using: &generator)
      words.p9 = .random(in: 4000...6000, using: &generator)
      words.h1 = .random(in: 70...80, using: &generator)
      words.h2 = .random(in: 340...390, using: &generator)
      words.h3 = .random(in: 0...5, using: &generator)
      words.h4 = .random(in: 250...350, using: &generator)
      words.h5 = .random(in: 0...60, using: &generator)
      words.h6 = .random(in: 20...40, using: &generator)
      let doubles = BME280Oracle.Words(
        t: [Double(words.t1), Double(words.t2), Double(words.t3)],
        p: [
          Double(words.p1), Double(words.p2), Double(words.p3), Double(words.p4), Double(words.p5),
          Double(words.p6), Double(words.p7), Double(words.p8), Double(words.p9),
        ],
        h: [
          Double(words.h1), Double(words.h2), Double(words.h3), Double(words.h4), Double(words.h5),
          Double(words.h6),
        ])
      let rawTemperature = Int32.random(in: 330_000...620_000, using: &generator)
      let rawPressure = Int32.random(in: 250_000...700_000, using: &generator)
      let rawHumidity = UInt16.random(in: 15_000...50_000, using: &generator)

      let fine = words.fineTemperature(rawTemperature)
      let exactFine = BME280Oracle.fineTemperature(Double(rawTemperature), doubles)
      guard (-40...85).contains(exactFine / 5120) else { continue }
      worst.temperature = max(
        worst.temperature, abs(Double(fine.temperature.rawValue) / 100 - exactFine / 5120))
      let oneFine = Double(fine.rawValue)
      let exact = BME280Oracle.pascals(Double(rawPressure), fine: oneFine, doubles)
      if (30_000...110_000).contains(exact) {
        let pressure = try #require(words.pressure(rawPressure, at: fine))
        worst.pressure = max(worst.pressure, abs(Double(pressure.rawValue) / 256 - exact))
        compared += 1
      }
      let percent = BME280Oracle.percent(Double(rawHumidity), fine: oneFine, doubles)
      worst.humidity = max(
        worst.humidity,
        abs(Double(words.humidity(rawHumidity, at: fine).rawValue) / 1024 - percent))
    }
    #expect(worst.temperature <= 0.01, "seed \(seed)")
    #expect(worst.pressure <= 0.02, "seed \(seed)")
    #expect(worst.humidity <= 0.01, "seed \(seed)")
    #expect(compared > 5000)
    print("BME280 against floating point, seed \(seed), \(compared) pressures: \(worst)")
  }

  @Test("Words of a broken device give some number or none, never a trap", arguments: [11, 12])
  func brokenWords(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<20_000 {
      var first = InlineArray<26, UInt8>(repeating: 0)
      var humidity = InlineArray<7, UInt8>(repeating: 0)
      let extremes: [UInt8] = [0, 0x7F, 0x80, 0xFF]
      for index in 0..<26 {
        first[index] =
          Bool.random(using: &generator)
          ? .random(in: 0...255, using: &generator)
          : extremes.randomElement(using: &generator) ?? 0
      }
      for index in 0..<7 { humidity[index] = .random(in: 0...255, using: &generator) }
      let words = BME280.Calibration(first, humidity: humidity)
      let fine = words.fineTemperature(.random(in: 0...0xFFFFF, using: &generator))
      _ = fine.temperature
      _ = words.pressure(.random(in: 0...0xFFFFF, using: &generator), at: fine)
      let percent = words.humidity(.random(in: 0...0xFFFF, using: &generator), at: fine).percent
      #expect((0...100).contains(percent))
    }
  }
}
