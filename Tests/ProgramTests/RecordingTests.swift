import Testing

@Suite("swiftletd run with bad input")
struct RecordingTests {
  static let columns = "time_s,accel_x,accel_y,accel_z,gyro_x,gyro_y,gyro_z"

  /// Ten samples a second, all zero.
  static func recording(header: String = columns, lines: Int = 60) -> String {
    header + "\n"
      + (0..<lines).map { "\(Double($0) / 10)" + String(repeating: ",0", count: 6) + "\n" }.joined()
  }

  static let configuration = """
    [model]
    path = model.swl
    [sensor recording]
    type = replay
    path = recording.csv
    pace = as-fast-as-possible
    [log]
    folder = log
    """

  private static func folder(_ recording: String?, _ configuration: String = configuration)
    async throws -> TemporaryFolder
  {
    let folder = try await Sample.workingFolder()
    if let recording { try folder.write(recording, to: "recording.csv") }
    try folder.write(configuration, to: "swiftletd.conf")
    return folder
  }

  private static func run(_ folder: TemporaryFolder) async throws -> Outcome {
    try await Program.swiftletd.run("run", "--config", "swiftletd.conf", in: folder)
  }

  @Test(
    "Columns that do not fit the model are refused before anything is written",
    arguments: [
      ("time_s,accel_x,accel_z,gyro_x,gyro_y,gyro_z,other", ["line 1: ", "no column \"accel_y\""]),
      ("seconds,accel_x,accel_y,accel_z,gyro_x,gyro_y,gyro_z", ["no column \"time_s\""]),
      (columns.replacing("gyro_z", with: "gyro_w"), ["no column \"gyro_z\"", "gyro_w"]),
      (columns + ",gyro_z", ["line 1, column 8", "second column \"gyro_z\""]),
      (
        columns.replacing("accel_y", with: "accel_y (g)"),
        ["line 1, column 3", "\"accel_y\" is in \"g\"", "trained on \"as recorded\""]
      ),
    ])
  func mapping(_ header: String, _ fragments: [String]) async throws {
    let folder = try await Self.folder(Self.recording(header: header))
    let names = folder.names
    let outcome = try await Self.run(folder)
    expectRefusal(outcome, 65, ["recording.csv: "] + fragments, in: folder, leaving: names)
  }

  @Test("Columns are found by name, in any order and with a unit")
  func anyOrder() async throws {
    let header = "gyro_z,time_s (s),accel_x,accel_y (as recorded),accel_z,gyro_x,gyro_y"
    let text = Self.recording(header: header).split(separator: "\n").map { line in
      line.first?.isNumber == true ? "0," + line.dropLast(2) : String(line)
    }
    let folder = try await Self.folder(text.joined(separator: "\n") + "\n")
    let outcome = try await Self.run(folder)
    #expect(outcome.status == 0, "\(outcome.standardError)")
    #expect(try DaemonLog(folder).records("prediction").count == 3)
  }

  @Test(
    "A bad line ends the run with file, line and column, and whole lines in the log",
    arguments: [
      ("4.9,0,zero,0,0,0,0", ["line 51, column 3", "\"zero\" is not a number"]),
      ("4.9,0,nan,0,0,0,0", ["line 51, column 3", "not a finite number"]),
      ("4.9,0,,0,0,0,0", ["line 51, column 3"]),
      ("4.9,0,1e999,0,0,0,0", ["line 51, column 3"]),
      ("4.9,0,0,0,0,0", ["line 51: 6 cells where the header has 7"]),
      ("4.9,0,0,0,0,0,0,0", ["line 51: 8 cells where the header has 7"]),
      ("4.8,0,0,0,0,0,0", ["line 51: ", "does not come after"]),
      ("nan,0,0,0,0,0,0", ["line 51, column 1"]),
    ])
  func line(_ line: String, _ fragments: [String]) async throws {
    var lines = Self.recording().split(separator: "\n").map(String.init)
    lines[50] = line
    let folder = try await Self.folder(lines.joined(separator: "\n") + "\n")
    let names = folder.names
    let outcome = try await Self.run(folder)
    expectRefusal(
      outcome, 65, ["recording.csv: "] + fragments, in: folder, leaving: (names + ["log"]).sorted())
    let log = try DaemonLog(folder)
    #expect(log.records("prediction").count == 1)
    #expect((log.records.last?["error"] as? String)?.contains("recording.csv") == true)
  }

  @Test("A recording at another rate is refused")
  func rate() async throws {
    let text = Self.recording().replacing("0.1,", with: "0.5,")
    let folder = try await Self.folder(text)
    let outcome = try await Self.run(folder)
    expectRefusal(
      outcome, 65, ["recording.csv: line 3: ", "every 0.1"], in: folder,
      leaving: ["log", "model.swl", "recording.csv", "swiftletd.conf"])
  }

  @Test("A recording that is empty, missing or something else is refused")
  func noRecording() async throws {
    for (text, status, fragments) in [
      ("", 65, ["line 1"]), (nil, 66, ["cannot open", "check the path"]),
      ("\u{7F}ELF\u{1}\u{2}\n\n\u{3}", 65, ["line 1"]),
    ] as [(String?, Int32, [String])] {
      let folder = try await Self.folder(text)
      let names = folder.names
      expectRefusal(
        try await Self.run(folder), status, ["recording.csv: "] + fragments, in: folder,
        leaving: names)
    }
  }

  /// Longer than the sections that libinih tells of.
  private static let longName = String(repeating: "abcde", count: 10)

  @Test(
    "A mistake in the configuration is refused with file, line and what is known",
    arguments: [
      (
        "folder = log", "folder = log\nkeep_days = 3",
        ["line 9: unknown key \"keep_days\"", "folder"]
      ),
      ("[log]", "[logs]", ["line 7: unknown section [logs]", "[log]"]),
      ("folder = log", "folder = log\n  [window", ["line 9: "]),
      // Sections without a key.
      ("folder = log", "folder = log\n[outputs]", ["line 9: unknown section [outputs]"]),
      ("[log]", "[output]\n[log]", ["line 7: [output] needs a name"]),
      ("[log]", "[channel \(longName)]\na=1\n[log]", ["line 8: ", "[channel \(longName)]"]),
      ("type = replay", "type = camera", ["line 4", "camera", "replay"]),
      ("pace = as-fast-as-possible", "pace = slow", ["line 6", "slow", "real-time"]),
      ("path = model.swl\n", "", ["[model]", "path"]),
      ("folder = log", "folder =", ["[log]", "folder"]),
      ("folder = log", "folder = log\nfolder = log2", ["line 9: ", "keep one"]),
      ("type = replay", "type replay", ["line 4: "]),
      ("[model]", "# nothing here", ["line 2: "]),
    ])
  func misconfiguration(
    _ text: String, _ replacement: String, _ fragments: [String]
  ) async throws {
    let changed = Self.configuration.replacing(text, with: replacement)
    #expect(changed != Self.configuration)
    let folder = try await Self.folder(Self.recording(), changed)
    let names = folder.names
    let outcome = try await Self.run(folder)
    expectRefusal(outcome, 65, ["swiftletd.conf: "] + fragments, in: folder, leaving: names)
  }

  @Test("A configuration that is missing, and files it names that are, have their exit codes")
  func missingFiles() async throws {
    let folder = try await Self.folder(Self.recording())
    let names = folder.names
    let none = try await Program.swiftletd.run("run", "--config", "no.conf", in: folder)
    expectRefusal(none, 66, ["no.conf: cannot open"], in: folder, leaving: names)
    for (text, replacement, status, fragment) in [
      ("model.swl", "no.swl", 66, "no.swl: cannot open"),
      ("folder = log", "folder = no/log", 73, "no/log: cannot make the folder"),
      ("folder = log", "folder = model.swl", 73, "model.swl"),
    ] {
      try folder.write(
        Self.configuration.replacing(text, with: replacement), to: "swiftletd.conf")
      let outcome = try await Self.run(folder)
      expectRefusal(outcome, Int32(status), [fragment], in: folder, leaving: names)
    }
  }

  @Test("A model without an input contract is refused")
  func noContract() async throws {
    let folder = try await Self.folder(Self.recording())
    let converted = try await Program.swiftlet.run(
      "convert", Sample.path("imu-activity.tflite"), "-o", "model.swl", in: folder)
    #expect(converted.status == 0)
    let names = folder.names
    let outcome = try await Self.run(folder)
    expectRefusal(
      outcome, 65, ["model.swl: contract: the model has none", "--contract"], in: folder,
      leaving: names)
  }
}
