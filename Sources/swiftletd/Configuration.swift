import LinuxPlatform
import ModelCommands
import Text

/// What `swiftletd run` is to do, as its configuration file says.
struct Configuration {
  /// How fast a recording is replayed.
  enum Pace {
    case realTime
    case asFastAsPossible
  }

  /// `[model] path`
  let modelPath: FilePath
  /// `[source] path`
  let recordingPath: FilePath
  /// `[source] pace`
  let pace: Pace
  /// `[log] folder`
  let logFolder: FilePath

  /// Reads a configuration file; relative paths in it count from its folder.
  init(_ path: FilePath) throws(CommandFailure) {
    let entries = try ConfigurationEntries(reading: path)
    try entries.requireAll(path)
    guard entries[.sourceType].bytes.equals("replay") else {
      throw entries.badValue(of: .sourceType, path, known: "replay")
    }
    if entries[.sourcePace].isEmpty || entries[.sourcePace].bytes.equals("real-time") {
      pace = .realTime
    } else if entries[.sourcePace].bytes.equals("as-fast-as-possible") {
      pace = .asFastAsPossible
    } else {
      throw entries.badValue(of: .sourcePace, path, known: "real-time, as-fast-as-possible")
    }
    modelPath = try entries.path(.modelPath, besides: path)
    recordingPath = try entries.path(.sourcePath, besides: path)
    logFolder = try entries.path(.logFolder, besides: path)
  }
}

/// The keys of a configuration file.
enum ConfigurationKey: Int {
  case modelPath
  case sourceType
  case sourcePath
  case sourcePace
  case logFolder

  static let count = 5

  static let sections: StaticString = "[model], [source], [log]"

  var section: StaticString {
    switch self {
    case .modelPath: "model"
    case .sourceType, .sourcePath, .sourcePace: "source"
    case .logFolder: "log"
    }
  }

  var name: StaticString {
    switch self {
    case .modelPath, .sourcePath: "path"
    case .sourceType: "type"
    case .sourcePace: "pace"
    case .logFolder: "folder"
    }
  }

  var isRequired: Bool { self != .sourcePace }

  /// A line one could write.
  var example: StaticString {
    switch self {
    case .modelPath: "path = model.swl"
    case .sourceType: "type = replay"
    case .sourcePath: "path = recording.csv"
    case .sourcePace: "pace = real-time"
    case .logFolder: "folder = log"
    }
  }

  /// The keys of a section, for messages.
  static func names(in section: borrowing Span<UInt8>) -> StaticString? {
    if section.equals("model") { return "path" }
    if section.equals("source") { return "type, path, pace" }
    if section.equals("log") { return "folder" }
    return nil
  }

  init?(section: borrowing Span<UInt8>, name: borrowing Span<UInt8>) {
    for rawValue in 0..<Self.count {
      guard let key = Self(rawValue: rawValue) else { continue }
      if section.equals(key.section), name.equals(key.name) {
        self = key
        return
      }
    }
    return nil
  }
}
