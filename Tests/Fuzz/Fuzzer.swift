import Foundation

// libFuzzer calls the functions below by their C names. One program holds all targets;
// SWIFTLET_FUZZ_TARGET chooses, and scripts/fuzz builds and runs it.

/// What is fuzzed.
enum FuzzTarget: String, CaseIterable {
  /// A model file, checksums as they are: header, section table and checksums.
  case file
  /// A model file, checksums repaired first: everything behind them, and the engine.
  case model
  /// A TensorFlow Lite file, through the importer and the whole converter.
  case importer
  /// A `.npy` header.
  case npy
  /// A CSV file.
  case csv

  static let chosen: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["SWIFTLET_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
      let names = allCases.map(\.rawValue).joined(separator: ", ")
      FileHandle.standardError.write(
        Data("error: SWIFTLET_FUZZ_TARGET: '\(name)' is not one of \(names)\n".utf8))
      exit(64)
    }
    return target
  }()

  func run(_ bytes: UnsafeRawBufferPointer) {
    switch self {
    case .file: fuzzModel(bytes, repairingChecks: false)
    case .model: fuzzModel(bytes, repairingChecks: true)
    case .importer: fuzzImporter(bytes)
    case .npy: fuzzNumpyHeader(bytes)
    case .csv: fuzzCSV(bytes)
    }
  }
}

/// Handles `SWIFTLET_FUZZ_SEEDS=FOLDER`: writes seeds for the target and ends the program.
@_cdecl("LLVMFuzzerInitialize")
public func initializeFuzzer(
  _ argumentCount: UnsafeMutablePointer<CInt>?, _ arguments: UnsafeMutableRawPointer?
) -> CInt {
  let target = FuzzTarget.chosen
  if let folder = ProcessInfo.processInfo.environment["SWIFTLET_FUZZ_SEEDS"] {
    do {
      let count = try writeSeeds(of: target, into: URL(fileURLWithPath: folder))
      FileHandle.standardError.write(Data("\(count) seeds for \(target.rawValue)\n".utf8))
      exit(0)
    } catch {
      FileHandle.standardError.write(Data("error: \(folder): \(error)\n".utf8))
      exit(73)
    }
  }
  return 0
}

/// Runs the target once.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafeRawPointer?, _ byteCount: Int) -> CInt {
  FuzzTarget.chosen.run(UnsafeRawBufferPointer(start: start, count: byteCount))
  return 0
}

/// Ends the program with a stack trace, which libFuzzer keeps the input for.
func report(_ what: String) -> Never { fatalError(what) }
