import Conversion
import Drift
import Foundation
import ModelFormat

/// Years without drift: how many alarms there are, and how many there may be.
enum FalseAlarms {
  static func run(kinds: [ProcessKind], models: Int, months: Int, recording: Recording?) throws {
    print(
      "| undrifted data | reference | drift window | independent windows | promise | "
        + "months | alarms | a month | 95 % interval | budget kept |")
    print("|---|---|---|---:|---|---:|---:|---:|---|---|")
    for kind in kinds {
      for days in kind == .daily ? [3.0, 30] : [0.1, 2, 14] {
        try run(kind, days: days, models: models, months: months, recording: recording)
      }
    }
  }

  private static func run(
    _ kind: ProcessKind, days: Double, models: Int, months: Int, recording: Recording?
  ) throws {
    let secondsPerSample = 10.0
    let perMonth = Int(30 * 86_400 / secondsPerSample)
    var (alarms, run, refused) = (0, 0, 0)
    var window = 0.0
    var independent = 0.0
    for model in 0..<models {
      let deployment = Deployment(
        kind: kind, channelCount: 3, secondsPerSample: secondsPerSample, seed: 1000 + model,
        recording: recording)
      let samples = Int(days * 86_400 / secondsPerSample)
      let builder = try BaselineBuilder(deployment.reference(sampleCount: samples))
      let device = try Device(
        section: builder.section(modelCheck: 0), secondsPerSample: secondsPerSample)
      window += Double(device.windowSampleCount) * secondsPerSample / Double(models)
      independent += builder.independentWindowCount / Double(models)
      guard builder.promise != .none else {
        refused += 1
        continue
      }
      run += months
      alarms += try device.run { monitor in
        var processes = deployment.processes(2, time: samples)
        var toy = ToyModel(seed: model &+ 991)
        var raised = 0
        var sample = [0.0, 0, 0]
        for index in 0..<(months * perMonth) {
          for channel in 0..<3 {
            sample[channel] = processes[channel].next()
            monitor.reading(channel, Float(sample[channel]))
          }
          if index % ToyModel.hop == ToyModel.hop - 1 {
            let (classIndex, confidence) = toy.predict(sample)
            monitor.prediction(classIndex, confidence: confidence)
          }
          if monitor.endSample(at: Double(index) * secondsPerSample).change == .raised {
            raised += 1
          }
        }
        return raised
      }
    }
    let (low, high) = poissonInterval(alarms)
    let rate = run == 0 ? 0 : Double(alarms) / Double(run)
    let verdict =
      run == 0
      ? "not promised" : high / Double(run) <= 1 ? "yes" : low / Double(run) <= 1 ? "open" : "NO"
    print(
      "| \(kind.title) | \(BaselineBuilder.durationText(days * 86_400)) | "
        + "\(BaselineBuilder.durationText(window)) | \(Int(independent)) | "
        + (refused == 0 ? "all" : "\(models - refused) of \(models)")
        + " | \(run) | "
        + (run == 0
          ? "| | | "
          : "\(alarms) | "
            + String(format: "%.3f | %.3f … %.3f | ", rate, low / Double(run), high / Double(run)))
        + "\(verdict) |")
    fflush(nil)
  }

  /// Exact 95 % interval of a Poisson mean.
  static func poissonInterval(_ count: Int) -> (low: Double, high: Double) {
    guard count < 200 else {
      let spread = 1.96 * Double(count).squareRoot()
      return (Double(count) - spread, Double(count) + spread)
    }
    func bisect(_ isTooLow: (Double) -> Bool) -> Double {
      var (low, high) = (0.0, 10 * Double(count) + 20)
      for _ in 0..<100 {
        let middle = (low + high) / 2
        if isTooLow(middle) { low = middle } else { high = middle }
      }
      return low
    }
    func cumulative(_ k: Int, _ mean: Double) -> Double {
      var (term, sum) = (exp(-mean), exp(-mean))
      for index in 1..<max(1, k + 1) where k > 0 {
        term *= mean / Double(index)
        sum += term
      }
      return k < 0 ? 0 : sum
    }
    let low = count == 0 ? 0 : bisect { 1 - cumulative(count - 1, $0) < 0.025 }
    return (low, bisect { cumulative(count, $0) > 0.025 })
  }
}
