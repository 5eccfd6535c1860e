import Foundation

/// The readings that a daemon kept beside its log: with `raw-window-probability = 1`, those of every
/// prediction.
struct RawWindows {
  /// One sample, as the file has it.
  struct Sample {
    /// Seconds of the board's monotonic clock.
    let time: Double
    /// By the names of the channels.
    let readings: [String: Float]
  }

  /// All samples of all windows, each once, by time.
  let samples: [Sample]

  /// Reads the text of files, one behind the other, each with a header line.
  init(_ text: String) throws {
    var names: [String] = []
    var found: [Int: Sample] = [:]
    for line in text.split(separator: "\n") {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      if cells.first == "time_s" {
        names = cells.dropFirst().map { String($0.prefix { $0 != " " }) }
        continue
      }
      guard cells.count == names.count + 1, let time = Double(cells[0]) else {
        throw BoardFailure("a raw window has the line \(line)")
      }
      let readings = try cells.dropFirst().map { cell in
        guard let reading = Float(cell) else { throw BoardFailure("no reading: \(cell)") }
        return reading
      }
      found[Int((time * 1e6).rounded())] = Sample(
        time: time, readings: Dictionary(uniqueKeysWithValues: zip(names, readings)))
    }
    samples = found.sorted { $0.key < $1.key }.map(\.value)
  }

  /// The readings of a channel in samples taken between two moments.
  func readings(_ channel: String, from begin: Double, to end: Double) -> [Float] {
    samples.filter { $0.time > begin && $0.time < end }.compactMap { $0.readings[channel] }
  }
}

extension Emulator {
  /// Settings of `[log]` that keep the readings of every prediction.
  static let keepsAllWindows = """
    raw-windows = 1000
    raw-window-probability = 1
    raw-window-quota = 16M
    """

  /// What was kept so far.
  func rawWindows() throws -> RawWindows {
    try RawWindows(try file("\(Self.logFolder)/windows/*.csv"))
  }
}
