import Foundation
import Testing

/// The journal in a log folder, as any program reads it: JSON lines in segments.
struct DaemonLog {
  /// The records in order; each line was whole.
  let records: [[String: Any]]

  /// - Parameter mayBeTorn: Whether the last line may lack its end, which the next start cuts off. So it
  ///   may be while the daemon writes it: a reader sees a write that crosses pages in parts.
  init(_ folder: TemporaryFolder, _ name: String = "log", mayBeTorn: Bool = false) throws {
    let url = folder.url.appendingPathComponent(name)
    let names = try FileManager.default.contentsOfDirectory(atPath: url.path)
      .filter { $0.hasPrefix("segment-") && $0.hasSuffix(".jsonl") }.sorted()
    var records: [[String: Any]] = []
    for name in names {
      var text = String(
        decoding: try Data(contentsOf: url.appendingPathComponent(name)), as: UTF8.self)
      if mayBeTorn { text = text.lastIndex(of: "\n").map { String(text[...$0]) } ?? "" }
      #expect(text.isEmpty || text.hasSuffix("}\n"), "a torn line in \(name)")
      for line in text.split(separator: "\n") {
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        records.append(try #require(object as? [String: Any]))
      }
    }
    self.records = records
  }

  /// The records of one kind.
  func records(_ kind: String) -> [[String: Any]] {
    records.filter { $0["kind"] as? String == kind }
  }

  /// Predictions so far, also while the daemon runs; 0 before there is a log.
  static func predictionCount(_ folder: TemporaryFolder, _ name: String = "log") -> Int {
    let url = folder.url.appendingPathComponent(name)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    return names.filter { $0.hasPrefix("segment-") }.reduce(0) { count, name in
      let data = try? Data(contentsOf: url.appendingPathComponent(name))
      let text = String(decoding: data ?? Data(), as: UTF8.self)
      return count + text.components(separatedBy: "\"kind\":\"prediction\"").count - 1
    }
  }
}
