import Conversion
import Drift
import Foundation
import ModelFormat

/// Calibrates on one recorded series and follows another; prints where alarms are raised.
enum Detection {
  /// - Parameters: Files of little-endian 32-bit floats, one channel.
  static func run(reference: String, stream: String, window: Int?) throws {
    var options = BaselineOptions()
    options.windowSampleCount = window
    let series = ReferenceSeries(
      channelNames: ["x"], samples: [try floats(reference)], rateHertz: 1)
    let builder = try BaselineBuilder(series, options: options)
    let device = try Device(section: builder.section(modelCheck: 0), secondsPerSample: 1)
    let values = try floats(stream)
    var raised: [String] = []
    try device.run { monitor in
      for (index, value) in values.enumerated() {
        monitor.reading(0, value)
        if monitor.endSample(at: Double(index)).change == .raised { raised.append("\(index + 1)") }
      }
    }
    print(
      "{\"window\":\(device.windowSampleCount),\"promise\":\"\(builder.promise)\","
        + "\"alarms\":[\(raised.joined(separator: ","))]}")
  }

  private static func floats(_ path: String) throws -> [Float] {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    return (0..<(data.count / 4)).map { index in
      let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(data[4 * index + $1]) << (8 * UInt32($1)) }
      return Float(bitPattern: bits)
    }
  }
}
