import ArgumentParser
import Conversion
import Foundation
import ModelFormat

/// What `baseline` and `convert --reference` take about drift.
struct BaselineArguments: ParsableArguments {
  @Option(help: "False alarms allowed, as '1 a month', '2 a year' or '1 a week'.")
  var budget = "1 a month"

  @Option(
    name: .customLong("drift-window"), help: "Length of the drift window in seconds (chosen).")
  var driftWindow: Double?

  /// The options in samples of a model's rate.
  func options(rateHertz: Double, windowLength: Int) throws -> BaselineOptions {
    var options = BaselineOptions()
    options.budgetSeconds = try Self.budgetSeconds(budget)
    options.shortestWindow = min(1 << 20, max(options.shortestWindow, windowLength))
    if let driftWindow {
      let samples = driftWindow * rateHertz
      guard samples >= 8, samples <= Double(Layout.Limits.driftWindow) else {
        throw Failure(
          "--drift-window: \(driftWindow) seconds are \(samples) samples; take 8 samples or more",
          exitCode: Failure.badUsage)
      }
      options.windowSampleCount = Int(samples.rounded())
    }
    return options
  }

  /// `N a PERIOD`: seconds per false alarm.
  static func budgetSeconds(_ text: String) throws -> UInt32 {
    let periods = [
      "hour": 3600.0, "day": 86_400, "week": 604_800, "month": 2_592_000, "year": 31_557_600,
    ]
    let words = text.split(separator: " ")
    guard words.count == 3, words[1] == "a" || words[1] == "an", let count = Double(words[0]),
      count > 0, let period = periods[String(words[2])],
      (1...Double(Layout.Limits.budgetSeconds)).contains(period / count)
    else {
      throw Failure(
        "--budget: '\(text)' is not understood; write it as '1 a month' or '2 a year' "
          + "(hour, day, week, month, year)", exitCode: Failure.badUsage)
    }
    return UInt32(period / count)
  }
}

/// `swiftlet baseline`: what the model's inputs look like without drift goes into the model file.
struct BaselineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "baseline",
    abstract: "Calibrate drift alarms from a reference recording and store them in a model.",
    discussion: """
      The reference is a CSV file as the device records it: a column time_s and one for each channel \
      of the contract, of hours or days in which nothing was wrong. The thresholds keep the budget \
      of false alarms, or the command says why they cannot.
      """)

  @Argument(help: "The model (.swl) with a contract.", completion: .file(extensions: ["swl"]))
  var model: String

  @Option(help: "The reference recording (CSV).")
  var reference: String

  @Option(name: .shortAndLong, help: "The file to write (default: the model itself).")
  var output: String?

  @OptionGroup var drift: BaselineArguments

  func run() throws {
    let bytes = try Files.read(model)
    let result = try Self.add(to: bytes, modelFile: model, reference: reference, drift: drift)
    try Files.write(result.bytes, to: output ?? model)
    if output != "-" { for line in result.report { print(line) } }
  }

  /// The model with a baseline, and what to tell about it.
  static func add(
    to bytes: [UInt8], modelFile: String, reference: String, drift: BaselineArguments
  ) throws -> (bytes: [UInt8], report: [String]) {
    var shortest = 0
    var rate = 1.0
    try withModel(bytes, file: modelFile) { model in
      guard let contract = model.contract else {
        throw Failure(
          "\(modelFile): contract: the model has none, so what a recording means is not known; "
            + "convert it again with --contract")
      }
      (shortest, rate) = (contract.windowLength, Double(contract.rateMillihertz) / 1000)
    }
    let options = try drift.options(rateHertz: rate, windowLength: shortest)
    let series = try BaselineReference.read(reference, model: bytes, modelFile: modelFile)
    do throws(ConversionError) {
      let builder = try BaselineBuilder(series, options: options)
      return (try ModelFile.settingBaseline(builder, of: bytes), builder.report)
    } catch {
      throw Failure(error, file: reference)
    }
  }
}
