import Conversion
import Foundation
import ModelFormat
import TestSupport

/// Writes the first inputs for `target`; returns how many.
///
/// `.tflite` files are searched in the folders of `SWIFTLET_FUZZ_TFLITE` (separated by colons) and
/// below; for the model targets they are converted first.
func writeSeeds(of target: FuzzTarget, into folder: URL) throws -> Int {
  var seeds: [[UInt8]] = []
  switch target {
  case .file, .model:
    seeds = [ModelFixtures.smallest.bytes, ModelFixtures.everySection.bytes]
    seeds += try featureAndDriftSeeds()
    seeds.append(ModelFixtures.banded.bytes)
    for bytes in try sourceModels() {
      guard let graph = try? importTFLite(bytes, fileName: "seed"),
        let converted = try? Converter.convert(graph)
      else { continue }
      seeds.append(converted)
    }
  case .importer:
    seeds = try sourceModels()
  case .npy:
    seeds = numpyHeaders()
  case .csv:
    seeds = csvTexts().map { [0xFF] + Array($0.utf8) }
  }
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  for (index, seed) in seeds.enumerated() {
    try Data(seed).write(to: folder.appendingPathComponent("seed-\(index)"))
  }
  return seeds.count
}

private func sourceModels() throws -> [[UInt8]] {
  let folders = ProcessInfo.processInfo.environment["SWIFTLET_FUZZ_TFLITE"] ?? ""
  var models: [[UInt8]] = []
  for folder in folders.split(separator: ":") {
    let files = FileManager.default.enumerator(
      at: URL(fileURLWithPath: String(folder)), includingPropertiesForKeys: nil)
    for case let file as URL in files ?? .init() where file.pathExtension == "tflite" {
      models.append([UInt8](try Data(contentsOf: file)))
    }
  }
  return models
}

private func numpyHeaders() -> [[UInt8]] {
  let dictionaries = [
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1000, 49, 10), }",
    "{'descr': '|i1', 'fortran_order': False, 'shape': (), }",
    "{'descr': '<i8', 'fortran_order': True, 'shape': (3,), }",
    "{\"shape\":(1,2,3,4,5,6,7,8),\"descr\":\"|u1\",\"fortran_order\":False}",
  ]
  return dictionaries.flatMap { text in
    let padded = text + String(repeating: " ", count: 117 - text.utf8.count) + "\n"
    let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    return [magic + [1, 0, 118, 0] + padded.utf8, magic + [2, 0, 118, 0, 0, 0] + padded.utf8]
  }
}

private func csvTexts() -> [String] {
  [
    "a,b\n1,2\n", "a,b\r\n1,2\r\n\r\n", "\u{FEFF}t,x (m/s²)\n0.1,-1e-3\n,\n",
    "\"acc, x\",\"say \"\"hi\"\"\"\n1,2\n", "\"two\nlines\",b\n\"\",\"x\"\n",
    "n\n1e308\n-0.000001\n+12345678901234567890\nnan\ninf\n\"1\"x\n",
  ]
}
