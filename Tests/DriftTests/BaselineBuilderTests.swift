import Conversion
import Drift
import ModelFormat
import Testing

@Suite("The drift baseline")
struct BaselineBuilderTests {
  private static let samples = LinearCongruence.autoregression(
    seed: 1, count: 60_000, correlation: 0.9)

  private func series(_ samples: [Float]) -> ReferenceSeries {
    ReferenceSeries(channelNames: ["x"], samples: [samples], rateHertz: 0.1)
  }

  @Test("promises the budget for a long reference and measures its correlation")
  func promise() throws {
    let builder = try BaselineBuilder(series(Self.samples))
    #expect(builder.promise == .extrapolated)
    try MonitorHarness(builder.section(modelCheck: 0)).run { monitor in
      let summary = monitor.summary(ofChannel: 0)
      #expect(summary.count == 0)
    }
    #expect(builder.report.contains { $0.contains("30 days") })
  }

  @Test("promises nothing for a short reference, and says what would be enough")
  func shortReference() throws {
    let builder = try BaselineBuilder(series(Array(Self.samples.prefix(600))))
    #expect(builder.promise == .none)
    #expect(builder.report.contains { $0.contains("cannot be promised") && $0.contains("record") })
  }

  @Test("promises nothing beyond ten times the length of the reference")
  func longBudget() throws {
    var options = BaselineOptions()
    options.budgetSeconds = 31_557_600
    #expect(try BaselineBuilder(series(Self.samples), options: options).promise == .none)
  }

  @Test("promises nothing where the reference itself drifts")
  func driftingReference() throws {
    let drifting = Self.samples.enumerated().map { $1 + 4 * Float($0) / 60_000 }
    #expect(try BaselineBuilder(series(drifting)).promise == .none)
  }

  @Test("refuses what no baseline can be made of")
  func refusals() {
    var withGap = Self.samples
    withGap[17] = .nan
    let cases: [([Float], String)] = [
      ([], "no samples"), (Array(repeating: 3, count: 5000), "stuck sensor"),
      (withGap, "sample 18 is not a number"), (Array(Self.samples.prefix(60)), "without a gap"),
    ]
    for (samples, words) in cases {
      do {
        _ = try BaselineBuilder(series(samples))
        Issue.record("accepted: \(words)")
      } catch {
        #expect(error.description.contains(words), "\(error)")
      }
    }
    var options = BaselineOptions()
    options.windowSampleCount = 50_000
    #expect(throws: ConversionError.self) {
      try BaselineBuilder(series(Self.samples), options: options)
    }
  }

  @Test("gives a channel of few values a bin for each")
  func discrete() throws {
    let levels = Self.samples.map { Float(min(2, max(-2, $0.rounded()))) }
    let section = try BaselineBuilder(series(levels)).section(modelCheck: 0)
    try section.withBaseline { baseline in
      #expect(baseline.channel(0).binCount == 5)
      for (bin, level) in [-2, -1, 0, 1, 2].enumerated() {
        #expect(baseline.place(of: Float(level), channel: 0).bin == bin)
        #expect(
          Int(baseline.count(bin, ofChannel: 0)) == levels.filter { $0 == Float(level) }.count)
      }
    }
  }

  @Test("is deciles where there are many values")
  func deciles() throws {
    let section = try BaselineBuilder(series(Self.samples)).section(modelCheck: 0)
    try section.withBaseline { baseline in
      #expect(baseline.channel(0).binCount == 10)
      for bin in 0..<10 { #expect(abs(Int(baseline.count(bin, ofChannel: 0)) - 6000) <= 2) }
    }
  }

  @Test("with any byte changed is refused or read inside its bounds")
  func damage() throws {
    let section = try BaselineBuilder(series(Array(Self.samples.prefix(20_000))))
      .section(modelCheck: 0)
    var refused = 0
    for offset in section.indices {
      for bit in [0x01, 0x80] as [UInt8] {
        var damaged = section
        damaged[offset] ^= bit
        do {
          let harness = try MonitorHarness(damaged)
          try harness.run { monitor in
            for value in Self.samples.prefix(300) { monitor.take(value) }
          }
        } catch is ModelError {
          refused += 1
        }
      }
    }
    #expect(refused > section.count / 2)
    for count in 0..<section.count {
      #expect(throws: ModelError.self) { try MonitorHarness(Array(section.prefix(count))) }
    }
  }
}

extension [UInt8] {
  fileprivate func withBaseline(_ body: (Baseline) throws -> Void) throws {
    try body(Baseline(span.bytes))
  }
}
