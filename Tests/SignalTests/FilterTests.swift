import ModelFormat
import Testing

@testable import Signal

@Suite("Filters and descriptions of windows")
struct FilterTests {
  @Test("Sections agree with scipy.signal.sosfilt, started as if the first sample had always been")
  func biquads() {
    for vector in Vectors.all.filters.biquads {
      let sections = vector.sections.map { row in
        Biquad.Coefficients(b0: row[0], b1: row[1], b2: row[2], a1: row[4], a2: row[5])
      }
      var states: [Biquad] = []
      var settled = Double(vector.samples[0])
      for section in sections {
        states.append(Biquad(settledOn: settled, section))
        settled *= section.gainAtZero
      }
      for (sample, expected) in zip(vector.samples, vector.expected) {
        var value = Double(sample)
        for index in sections.indices { value = states[index].filter(value, sections[index]) }
        #expect(abs(value - expected) <= 1e-9 * max(1, abs(expected)))
      }
    }
  }

  @Test("Moving averages agree with numpy's means, of what there is at the beginning")
  func averages() {
    for vector in Vectors.all.filters.averages {
      var average = MovingAverage()
      for (sample, expected) in zip(vector.samples, vector.expected) {
        let found = Double(average.filter(sample, length: vector.length))
        #expect(abs(found - expected) <= 1e-6 * max(1, abs(expected)))
      }
    }
  }

  @Test("Statistics agree with numpy and scipy.stats")
  func statistics() {
    for vector in Vectors.all.statistics {
      let found = WindowStatistics(vector.samples.span)
      let numbers = [
        found.mean, found.standardDeviation, found.rootMeanSquare, Double(found.minimum),
        Double(found.maximum), Double(found.zeroCrossings), found.skewness, found.kurtosis,
      ]
      for (index, expected) in vector.expected.enumerated() {
        #expect(
          abs(numbers[index] - expected) <= 1e-9 * max(1, abs(expected)),
          "statistic \(index) of \(vector.samples.count) samples")
      }
    }
  }

  @Test("Detrending agrees with scipy.signal.detrend")
  func detrends() {
    for vector in Vectors.all.detrends {
      let size = vector.samples.map(abs).max() ?? 1
      for (detrend, expected) in [(Detrend.mean, vector.mean), (.linear, vector.linear)] {
        var samples = vector.samples
        var span = samples.mutableSpan
        detrend.apply(to: &span)
        for (found, expected) in zip(samples, expected) {
          #expect(abs(Double(found) - expected) <= 1e-7 * Double(size))
        }
      }
    }
  }
}
