import Foundation

/// A board that runs: Linux with a shell on the serial console, and the files a test put there.
///
/// The emulator ends with this object. `cutPower` ends it at once, as pulling the plug does.
final class Emulator {
  let board: Board
  let console: Console
  let monitor: MachineMonitor
  private let process: Process
  private let folder: URL
  private var commands = 0
  /// What is known of the segments of the log, by their names.
  var logSoFar: [String: Data] = [:]

  /// Boots `board` with swiftletd, `files` (path in the guest → contents) and, where given, a disk
  /// image that appears as the first disk.
  ///
  /// - Parameter priority: A real-time priority for the emulator; for root only.
  init(
    _ board: Board, priority: Int? = nil, files: [String: Data] = [:], disk: URL? = nil,
    options: [String] = []
  ) throws {
    self.board = board
    folder = URL(fileURLWithPath: NSTemporaryDirectory())
      .appendingPathComponent("swiftlet-board-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let initrd = folder.appendingPathComponent("initrd")
    try Self.ramdisk(board, files).write(to: initrd)
    let socket = folder.appendingPathComponent("qmp").path

    let process = Process()
    let emulator = try BoardFiles.url("qemu/usr/bin/qemu-system-aarch64")
    process.executableURL = priority == nil ? emulator : URL(fileURLWithPath: "/usr/bin/chrt")
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["LD_LIBRARY_PATH": try BoardFiles.libraryPath()], uniquingKeysWith: { $1 })
    let kernel = try BoardFiles.url("\(board.processor.debianName)/vmlinuz").path
    var arguments = board.machine
    arguments += ["-L", try BoardFiles.url("qemu/usr/share/qemu").path]
    arguments += ["-kernel", kernel, "-initrd", initrd.path]
    if let tree = board.deviceTree { arguments += ["-dtb", try BoardFiles.url(tree).path] }
    if board.countsInstructions { arguments += ["-icount", "shift=1,sleep=on"] }
    // One console only, or Linux speaks elsewhere. A kernel that panics ends the emulator, and one whose
    // processor stood still while this machine did something else does not tell of it there.
    let parameters = "rdinit=/init quiet loglevel=3 panic=-1 nowatchdog"
    arguments += ["-append", "console=\(board.console) \(parameters)"]
    arguments += ["-display", "none", "-monitor", "none", "-nic", "none", "-no-reboot"]
    for _ in 0..<board.portsBeforeConsole { arguments += ["-serial", "null"] }
    arguments += ["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"]
    arguments += ["-qmp", "unix:\(socket),server=on,wait=off"]
    if let disk { arguments += Self.diskOptions(board, disk) }
    let launch = priority.map { ["-f", "\($0)", emulator.path] } ?? []
    process.arguments = launch + arguments + options
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    process.standardError = output
    signal(SIGPIPE, SIG_IGN)
    try process.run()
    self.process = process
    try? output.fileHandleForWriting.close()
    console = Console(output: output.fileHandleForReading, input: input.fileHandleForWriting)
    do {
      monitor = try MachineMonitor(path: socket)
      _ = try console.wait(for: "board: ready\n", from: 0, seconds: 300)
    } catch {
      process.terminate()
      throw BoardFailure("\(board.name): \(error)\n  \(console.text(from: 0).suffix(2000))")
    }
  }

  deinit {
    cutPower()
    try? FileManager.default.removeItem(at: folder)
  }

  /// Ends the machine between two instructions. What the guest had not handed to its disk is lost.
  func cutPower() {
    guard process.isRunning else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    console.waitForEnd()
  }

  /// Runs a command in the guest's shell and returns what it printed; throws where it fails.
  @discardableResult
  func shell(_ command: String, within seconds: Double = 120) throws -> String {
    let (output, status) = try attempt(command, within: seconds)
    guard status == 0 else {
      throw BoardFailure(
        "\(board.name): `\(command)` exited with \(status) and printed:\n\(output)")
    }
    return output
  }

  /// Runs a command in the guest's shell and returns what it printed and its exit status.
  func attempt(_ command: String, within seconds: Double = 120) throws -> (String, Int) {
    commands += 1
    let start = console.position
    try console.type("{ \(command); } 2>&1; echo \"<<\(commands):$?>>\"")
    let mark = "<<\(commands):"
    let (output, position) = try console.wait(for: mark, from: start, seconds: seconds)
    let (status, _) = try console.wait(for: ">>\n", from: position, seconds: seconds)
    return (output, Int(status) ?? -1)
  }

  /// Seconds since the guest's start, on the clock that time stamps its records (CLOCK_MONOTONIC).
  func uptime() throws -> Double {
    let text = try shell("cut -d' ' -f1 /proc/uptime").trimmingCharacters(
      in: .whitespacesAndNewlines)
    guard let seconds = Double(text) else { throw BoardFailure("/proc/uptime says \"\(text)\"") }
    return seconds
  }

  /// The file at `path` in the guest.
  func file(_ path: String) throws -> String { try shell("cat \(path)", within: 120) }

  private static func diskOptions(_ board: Board, _ disk: URL) -> [String] {
    // Every write reaches the image's file before the guest hears that it is done: the emulator holds
    // nothing back that a power cut would then lose. A flush does not wait for this machine's own disk,
    // whose power is not cut, and which may be busy for longer than a guest may be kept waiting.
    let drive = "file=\(disk.path),format=raw,id=disk,cache=writethrough,cache.no-flush=on"
    return board.deviceTree == nil
      ? ["-drive", drive + ",if=none", "-device", "virtio-blk-device,drive=disk"]
      : ["-drive", drive + ",if=sd"]
  }

  private static func ramdisk(_ board: Board, _ files: [String: Data]) throws -> Data {
    var ramdisk = InitialRamdisk()
    let processor = board.processor.debianName
    for folder in ["dev", "proc", "sys", "run", "tmp", "mnt", "sbin", "usr/bin", "usr/sbin"] {
      ramdisk.addFolder(folder)
    }
    ramdisk.addFolder("var/lib/swiftlet")
    let busybox = try Data(contentsOf: BoardFiles.url("\(processor)/busybox"))
    ramdisk.add("bin/busybox", busybox, executable: true)
    let daemon = try Data(contentsOf: BoardFiles.daemon(for: board.processor))
    ramdisk.add("bin/swiftletd", daemon, executable: true)
    let list = try String(contentsOf: BoardFiles.url("\(processor)/modules.list"), encoding: .utf8)
    let modules = list.split(separator: "\n").map(String.init).filter(board.wantsModule)
    for module in modules {
      ramdisk.add(
        "modules/\(module)", try Data(contentsOf: BoardFiles.url("\(processor)/modules/\(module)")))
    }
    ramdisk.add("init", Data(initScript(modules).utf8), executable: true)
    for (path, contents) in files.sorted(by: { $0.key < $1.key }) { ramdisk.add(path, contents) }
    return ramdisk.finished()
  }

  /// What the kernel starts: file systems, modules, then the shell that tests talk to.
  private static func initScript(_ modules: [String]) -> String {
    """
    #!/bin/busybox sh
    /bin/busybox --install -s
    mount -t proc proc /proc
    mount -t sysfs sysfs /sys
    mount -t devtmpfs devtmpfs /dev
    mount -t debugfs debugfs /sys/kernel/debug
    mount -t tmpfs tmpfs /run
    mount -t tmpfs tmpfs /tmp
    mount -t tmpfs tmpfs /var/lib/swiftlet
    \(modules.map { "insmod /modules/\($0) || echo \"module \($0) failed\"" }.joined(separator: "\n"))
    stty -echo -onlcr
    echo "board: ready"
    while IFS= read -r line; do
      eval "$line" </dev/null
    done
    """
  }
}
