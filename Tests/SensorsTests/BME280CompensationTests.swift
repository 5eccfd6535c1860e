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
    #expect(words.pressure(415_148, at: fine)?.rawValue == 25_767_236)
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

  /// Words as devices have them, and raw values within and beyond the working range.
  ///
  /// Tolerances: 0.01 °C is one step of the integer result; 0.2 Pa covers its truncated
  /// temperature, 1/5120 °C, at up to 30 Pa/°C of drift and the truncations of its terms; 0.02 %
  /// the same for humidity.
  @Test("Integers agree with the datasheet's floating-point formulas", arguments: [1, 2, 3, 4])
  func oracle(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
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
      worst.temperature = max(
        worst.temperature, abs(Double(fine.temperature.rawValue) / 100 - exactFine / 5120))
      if let pressure = words.pressure(rawPressure, at: fine) {
        let exact = BME280Oracle.pascals(Double(rawPressure), fine: exactFine, doubles)
        worst.pressure = max(worst.pressure, abs(Double(pressure.rawValue) / 256 - exact))
      } else {
        Issue.record("no pressure from \(words)")
      }
      let percent = BME280Oracle.percent(Double(rawHumidity), fine: exactFine, doubles)
      worst.humidity = max(
        worst.humidity,
        abs(Double(words.humidity(rawHumidity, at: fine).rawValue) / 1024 - percent))
    }
    #expect(worst.temperature <= 0.01, "seed \(seed)")
    #expect(worst.pressure <= 0.2, "seed \(seed)")
    #expect(worst.humidity <= 0.02, "seed \(seed)")
    print("BME280 against floating point, seed \(seed): \(worst)")
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
          ? .random(in: 0...255, using: &generator) : extremes[Int.random(in: 0..<4, using: &generator)]
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
