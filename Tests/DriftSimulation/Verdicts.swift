import Conversion
import Drift
import Foundation
import ModelFormat

/// What is wrong is injected; what the alarm says is counted.
enum Verdicts {
  enum Injection: String, CaseIterable {
    case stuck, clipped, dropped, noisy, shifted, seasonal, modelOnly

    var truth: DriftVerdict {
      switch self {
      case .stuck, .clipped, .dropped, .noisy: .sensor
      case .shifted, .seasonal: .world
      case .modelOnly: .model
      }
    }
  }

  static let channelCount = 4

  static func run(seeds: Int) throws {
    print("| injected | process | sensor | world | model | no alarm | right |")
    print("|---|---|---:|---:|---:|---:|---:|")
    var (right, total) = (0, 0)
    for injection in Injection.allCases {
      for kind in [ProcessKind.independent, .ar90, .ar98] {
        var counts = [0, 0, 0, 0]
        for seed in 1...seeds {
          let verdict = try verdict(on: injection, kind, seed: seed)
          counts[verdict.map { Int($0.rawValue) } ?? 3] += 1
        }
        let good = counts[Int(injection.truth.rawValue)]
        right += good
        total += seeds
        print(
          "| \(injection.rawValue) | \(kind.title) | \(counts[0]) | \(counts[1]) | \(counts[2]) "
            + "| \(counts[3]) | \(100 * good / seeds) % |")
        fflush(nil)
      }
    }
    print(
      "\n\(right) of \(total) right: \(String(format: "%.1f", 100 * Double(right) / Double(total))) %"
    )
  }

  /// The verdict in the window that raises the alarm.
  static func verdict(
    on injection: Injection, _ kind: ProcessKind, seed: Int
  ) throws -> DriftVerdict? {
    let samples = kind == .ar98 ? 60_000 : 20_000
    let deployment = Deployment(
      kind: kind, channelCount: channelCount, secondsPerSample: 1, seed: 5000 + seed)
    let builder = try BaselineBuilder(deployment.reference(sampleCount: samples))
    let device = try Device(section: builder.section(modelCheck: 0), secondsPerSample: 1)
    let window = device.windowSampleCount
    return try device.run { monitor in
      var processes = deployment.processes(2)
      var toy = ToyModel(seed: seed &+ 31)
      var random = Randomness(seed: seed &+ 4711)
      let start = 3 * window + Int(random.bits() % UInt64(window))
      let victim = seed % channelCount
      var frozen: Double?
      var sample = Array(repeating: 0.0, count: channelCount)
      for index in 0..<(start + 20 * window) {
        let isOn = index >= start
        var isMissing = false
        for channel in 0..<channelCount {
          var value = processes[channel].next()
          if isOn {
            switch injection {
            case .shifted: value += 1.2
            case .seasonal:
              value += 1.5 * sin(2 * Double.pi * Double(index - start) / Double(8 * window))
            case .stuck where channel == victim:
              value = frozen ?? value
              frozen = value
            case .clipped where channel == victim: value = min(value, 0.7)
            case .noisy where channel == victim: value += 1.2 * random.normal()
            case .dropped where channel == victim: isMissing = random.uniform() < 0.4
            default: break
            }
          }
          sample[channel] = value
          if isOn, isMissing, channel == victim {
            monitor.missing(channel)
          } else {
            monitor.reading(channel, Float(value))
          }
        }
        if index % ToyModel.hop == ToyModel.hop - 1 {
          let bias = isOn && injection == .modelOnly ? 0.9 : 0
          let (classIndex, confidence) = toy.predict(sample, bias: bias)
          monitor.prediction(classIndex, confidence: confidence)
        }
        if monitor.endSample(at: Double(index)).change == .raised, isOn {
          return monitor.alarm?.verdict
        }
      }
      return nil
    }
  }
}
