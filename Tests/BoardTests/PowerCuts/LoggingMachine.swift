import Foundation

/// A virtual machine in which swiftletd logs to a disk, to be cut off at any moment.
struct LoggingMachine {
  /// Records a second.
  static let recordRate = 50.0
  static let syncIntervalSeconds = 2.0

  /// The sample model made to predict with every sample, fifty times a second.
  let model: Data

  init(in scratch: ScratchFolder) throws {
    let folder = BoardFiles.package.appendingPathComponent("models/room-airing")
    let contract = try String(
      contentsOf: folder.appendingPathComponent("contract.json"), encoding: .utf8
    )
    .replacingOccurrences(of: "\"rate_hz\": 4", with: "\"rate_hz\": 50")
    .replacingOccurrences(of: "\"hop\": 4", with: "\"hop\": 1")
    try contract.write(to: scratch("contract.json"), atomically: true, encoding: .utf8)
    try HostProgram.succeed(
      HostProgram.swiftlet,
      [
        "convert", folder.appendingPathComponent("room-airing.tflite").path,
        "-o", scratch("model.swl").path, "--contract", scratch("contract.json").path,
        "--labels", folder.appendingPathComponent("labels.txt").path,
      ])
    model = try Data(contentsOf: scratch("model.swl"))
  }

  private static let configuration = """
    [model]
    path = /etc/swiftlet/model.swl

    [sensor thermometer]
    type = file
    path = /run/temperature
    unit = °C
    scale = 0.001
    rate = 50

    [sensor contact]
    type = file
    path = /run/window
    unit = level
    rate = 50

    [channel temperature]
    sensor = thermometer

    [channel window]
    sensor = contact

    [log]
    folder = /var/lib/swiftlet/log
    segment-size = 64K
    sync-interval = 2 s
    quota = 24M
    free-space = 1M
    """

  /// Boots the machine, mounts the disk with ext4's defaults and starts the daemon.
  func start(
    _ board: Board = .diskMachine, disk: DiskImage, options: [String] = []
  ) throws -> Emulator {
    let machine = try Emulator(
      board,
      files: [
        "etc/swiftlet/model.swl": model,
        "etc/swiftlet/swiftletd.conf": Data(Self.configuration.utf8),
      ],
      disk: options.isEmpty ? disk.url : nil, options: options)
    // A card is found while the board already runs.
    try machine.shell("while test ! -b \(board.disk); do usleep 50000; done", within: 60)
    try machine.shell("mount -t ext4 \(board.disk) /var/lib/swiftlet")
    try machine.shell("echo 21500 > /run/temperature; echo 0 > /run/window")
    try machine.startDaemon()
    return machine
  }

  /// From here on the console says "beat" and the time, many times a second. Between a command and
  /// its output too: a machine that beats is only for cutting off.
  func beat(on machine: Emulator) throws {
    try machine.console.type(
      "while read t rest </proc/uptime; do echo \"beat $t\"; usleep 40000; done &")
    _ = try machine.console.wait(for: "\nbeat ", from: 0, seconds: 120)
  }

  /// The guest's monotonic time, in seconds, at the first beat and at the last one that came through.
  static func beats(_ machine: Emulator) throws -> (first: Double, last: Double) {
    let lines = machine.console.text(from: 0)
      .split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let beats = lines.filter { $0.hasPrefix("beat ") }.compactMap { Double($0.dropFirst(5)) }
    guard let first = beats.first, let last = beats.last else {
      throw BoardFailure("the machine sent no beat before its power was cut")
    }
    return (first, last)
  }
}
