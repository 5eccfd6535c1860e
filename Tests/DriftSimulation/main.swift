import Foundation

// How the promises of docs/drift.md are checked; scripts/drift-study runs it.
//
//   DriftSimulation false-alarms [--models N] [--months N] [--recording FILE] [KIND...]
//   DriftSimulation verdicts [--seeds N]
//   DriftSimulation detect --reference FILE --stream FILE [--window SAMPLES]   (32-bit floats)

var arguments = Array(CommandLine.arguments.dropFirst())
@MainActor func option(_ name: String) -> String? {
  guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
  let value = arguments[index + 1]
  arguments.removeSubrange(index...(index + 1))
  return value
}
@MainActor func number(_ name: String, _ standard: Int) -> Int {
  option(name).flatMap { Int($0) } ?? standard
}

let mode = arguments.isEmpty ? "" : arguments.removeFirst()
do {
  let recording = try option("--recording").map { try Recording(path: $0, pieceLength: 2000) }
  switch mode {
  case "false-alarms":
    let (models, months) = (number("--models", 10), number("--months", 12))
    let kinds =
      arguments.isEmpty
      ? ProcessKind.allCases.filter { $0 != .heart || recording != nil }
      : arguments.compactMap { ProcessKind(rawValue: $0) }
    try FalseAlarms.run(kinds: kinds, models: models, months: months, recording: recording)
  case "verdicts":
    try Verdicts.run(seeds: number("--seeds", 20))
  case "detect":
    let window = option("--window").flatMap { Int($0) }
    try Detection.run(
      reference: option("--reference") ?? "", stream: option("--stream") ?? "", window: window)
  default:
    FileHandle.standardError.write(Data("usage: see the head of main.swift\n".utf8))
    exit(64)
  }
} catch {
  FileHandle.standardError.write(Data("error: \(error)\n".utf8))
  exit(70)
}
