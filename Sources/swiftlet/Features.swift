import Acquisition
import ArgumentParser
import Conversion
import Foundation
import Interchange
import ModelFormat
import Pipeline
import Text

/// `swiftlet features`: what a contract makes of recordings, for training.
struct Features: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compute the features of recordings, exactly as the board does.",
    usage: """
      swiftlet features <contract> --input <recording> ... --output <output>
             [--fit <fitted contract>]
      """,
    discussion: """
      Cuts recordings (CSV: time_s and a column a channel) into windows as the contract says, and \
      writes what the model would be fed as a NumPy array: the input to train with. With --fit, the \
      mean and standard deviation of each feature are measured first and written into a new \
      contract. In place of a contract a model (.swl) can be given.
      """)

  @Argument(help: "The contract (JSON), or a model that has one (.swl).")
  var source: String

  @Option(help: "A recording (CSV); repeat for several, windows do not cross from one to the next.")
  var input: [String]

  @Option(name: .shortAndLong, help: "The NumPy array to write (.npy).")
  var output: String

  @Option(help: "Measure the normalization and write a contract that has it (JSON).")
  var fit: String?

  func run() throws {
    guard !source.hasSuffix(".swl") else {
      guard fit == nil else {
        throw Failure("--fit: a model cannot be fitted; give its contract", exitCode: 64)
      }
      try write(try FeatureTable(model: try Files.read(source), file: source, recordings: input))
      return
    }
    var contract = try readContract()
    if let fit {
      contract = try fitted(contract)
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .withoutEscapingSlashes, .sortedKeys]
      try Files.write(Array(try encoder.encode(contract)) + [UInt8(ascii: "\n")], to: fit)
    }
    try write(try table(contract))
  }

  private func readContract() throws -> ContractFile {
    let data = Data(try Files.read(source))
    do throws(ConversionError) {
      return try ContractFile.decode(data, file: source)
    } catch {
      throw Failure(error, file: source)
    }
  }

  private func table(_ contract: ContractFile) throws -> FeatureTable {
    let model: [UInt8]
    do throws(ConversionError) {
      model = try Converter.contractModel(contract)
    } catch {
      throw Failure(error, file: source)
    }
    return try FeatureTable(model: model, file: source, recordings: input)
  }

  /// The contract with the mean and standard deviation of each feature of each channel.
  private func fitted(_ contract: ContractFile) throws -> ContractFile {
    guard var preprocessing = contract.preprocessing else {
      throw Failure(
        "\(source): the contract has no preprocessing, so there are no features to fit; "
          + "mean and standard_deviation of its channels normalize the samples")
    }
    var plain = contract
    let channelCount = contract.channels.count
    plain.preprocessing?.normalization = nil
    for index in plain.channels.indices {
      plain.channels[index].mean = 0
      plain.channels[index].standardDeviation = 1
    }
    let table = try table(plain)
    let statistics = try table.statistics(channelCount: channelCount, file: source)
    for (channel, feature) in statistics.constant {
      FileHandle.standardError.write(
        Data(
          """
          swiftlet: feature \(feature) of \(contract.channels[channel].name) never changes; it gets \
          a standard deviation of 1, and tells the model nothing\n
          """.utf8))
    }
    preprocessing.normalization = .init(
      mean: statistics.means, standardDeviation: statistics.deviations)
    plain = contract
    plain.preprocessing = preprocessing
    return plain
  }

  private func write(_ table: FeatureTable) throws {
    try Files.write(try table.numpyFile(), to: output)
    if output != "-" {
      let shape = table.shape.map(String.init).joined(separator: " × ")
      print("\(output)\n  \(decimal(table.windowCount)) windows of \(shape) features")
    }
  }
}
