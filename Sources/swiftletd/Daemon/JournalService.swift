import Journal
import LinuxPlatform
import ModelCommands
import ModelFormat
import Pipeline
import Synchronization
import Text

/// The daemon's journal, seen from the loop: records are made here and written by a thread of their
/// own, since a device may take a second to store them.
@safe
struct JournalService: ~Copyable {
  /// A line being made.
  typealias Line = JSONLine<TextBuffer<4096>>

  /// Bytes of the queue to the thread.
  private static let queueByteCount = 262_144
  /// A ring of the bell costs a system call and a switch of threads.
  private static let bellNanoseconds: UInt64 = 100_000_000
  private static let bellByteCount = 65_536
  /// How long the end of a session waits for a file.
  private static let fileNanoseconds: UInt64 = 5_000_000_000

  private var line = Line(TextBuffer<4096>())
  private let boot: UInt32
  /// Where the queue is.
  private let queueMemory: MemoryRegion
  /// Where files for the thread are.
  private let postMemory: MemoryRegion
  /// Where `shared` is.
  private let memory: MemoryRegion
  private let shared: UnsafeMutablePointer<JournalThread>
  private var thread: WorkerThread?
  private var bytesSinceBell = 0
  private var lastBell: UInt64 = 0

  /// Starts the thread, which opens the journal.
  init(_ settings: borrowing LogSettings, boot: UInt32) throws(CommandFailure) {
    let folder = settings.folder
    let windowFolder = try naming(folder) { () throws(PlatformError) in
      try folder.appending(component: "windows")
    }
    let bell = try naming(folder) { () throws(PlatformError) in try Wakeup() }
    var queueMemory = try allocate(Self.queueByteCount, for: folder)
    var postMemory = try allocate(FilePost.byteCount, for: folder)
    var memory = try allocate(MemoryLayout<JournalThread>.stride, for: folder)
    // The regions never move, and outlive the thread: `close()` waits for it.
    var queueBytes = queueMemory.mutableBytes
    let queue = unsafe queueBytes.withUnsafeMutableBytes { unsafe RecordQueue(memory: $0) }
    var postBytes = postMemory.mutableBytes
    let post = unsafe postBytes.withUnsafeMutableBytes { unsafe FilePost(memory: $0) }
    var bytes = memory.mutableBytes
    let start = unsafe bytes.withUnsafeMutableBytes { $0.baseAddress }
    guard let start = unsafe start else { preconditionFailure("a region has at least one byte") }
    let shared = unsafe start.bindMemory(to: JournalThread.self, capacity: 1)
    unsafe shared.initialize(
      to: JournalThread(
        settings, windowFolder: windowFolder, boot: boot, queue: queue, post: post, bell: bell))
    let thread = try naming(folder) { () throws(PlatformError) in
      try unsafe WorkerThread(context: start) { context in
        unsafe context.assumingMemoryBound(to: JournalThread.self).pointee.run()
      }
    }
    self.boot = boot
    self.queueMemory = queueMemory
    self.postMemory = postMemory
    self.memory = memory
    unsafe self.shared = shared
    self.thread = consume thread
  }

  /// Makes a record.
  ///
  /// - Parameters:
  ///   - waits: Whether to wait for room rather than to lose it, where time does not matter.
  ///   - fill: Writes the fields of the kind.
  mutating func record(
    _ kind: RecordKind, priority: RecordPriority? = nil, waits: Bool = false,
    _ fill: (inout Line) -> Void
  ) {
    line.begin(kind, at: Clock.stamp(boot: boot))
    fill(&line)
    line.end()
    if waits { waitForRoom() }
    // The queue is for use from two threads.
    unsafe shared.pointee.queue.push(line, kind: kind, priority: priority)
    bytesSinceBell += line.bytes.count
    ring()
  }

  /// Keeps the window a record was made of, as a recording: behind the record.
  mutating func keepWindow(
    _ pipeline: borrowing PredictionPipeline, _ model: borrowing Model, end: Double,
    reason: WindowReason
  ) {
    guard let contract = model.contract else { return }
    var row = TextBuffer<4096>()
    RecordingText.appendHeader(model, to: &row)
    guard unsafe shared.pointee.queue.beginWindow(header: row.bytes, reason: reason) else { return }
    for sample in 0..<contract.windowLength {
      row.removeAll()
      let back = Double(contract.windowLength - 1 - sample) * contract.samplePeriodSeconds
      RecordingText.appendTime(end - back, to: &row)
      for channel in 0..<contract.channelCount {
        RecordingText.appendReading(pipeline.reading(sample, channel), to: &row)
      }
      row.append("\n")
      guard unsafe shared.pointee.queue.pushWindowRow(row.bytes) else { return }
    }
    _ = unsafe shared.pointee.queue.endWindow(rowCount: contract.windowLength)
  }

  /// Lets `body` see the record made last, as it was before the journal numbered it.
  func withLastLine(_ body: (borrowing Span<UInt8>) -> Void) { body(line.bytes) }

  /// Whether the thread is done with the file it was given last.
  var isReadyForFile: Bool { unsafe shared.pointee.post.isEmpty }

  /// Has the thread write a file.
  ///
  /// - Parameter isDurable: Whether it must survive a power cut.
  /// - Returns: `false` while the thread is still busy with the one before.
  @discardableResult
  mutating func post(
    _ path: FilePath, _ text: borrowing Span<UInt8>, isDurable: Bool = false
  ) -> Bool {
    guard isReadyForFile else { return false }
    unsafe shared.pointee.post.offer(path, text, isDurable: isDurable)
    unsafe shared.pointee.bell.notify()
    return true
  }

  /// Waits until the thread is done with the file it was given last, but not for a device that hangs.
  func waitForFile() {
    let limit = MonotonicClock.now() + Self.fileNanoseconds
    while !isReadyForFile, MonotonicClock.now() < limit {
      unsafe shared.pointee.bell.notify()
      _ = MonotonicClock.sleep(until: MonotonicClock.now() + 1_000_000)
    }
  }

  /// What the journal says of itself.
  var statistics: (statistics: JournalStatistics, condition: JournalCondition) {
    unsafe shared.pointee.board.read()
  }

  private mutating func ring() {
    let now = MonotonicClock.now()
    guard bytesSinceBell > Self.bellByteCount || now - lastBell > Self.bellNanoseconds else {
      return
    }
    bytesSinceBell = 0
    lastBell = now
    unsafe shared.pointee.bell.notify()
  }

  /// Waits until the queue is empty once a part of it was used.
  private mutating func waitForRoom() {
    guard bytesSinceBell > Self.bellByteCount else { return }
    unsafe shared.pointee.bell.notify()
    while unsafe !shared.pointee.queue.isEmpty {
      _ = MonotonicClock.sleep(until: MonotonicClock.now() + 200_000)
    }
    bytesSinceBell = 0
  }

  /// Has everything written and synchronized; nothing may be recorded afterwards.
  mutating func close() {
    guard let thread = thread.take() else { return }
    unsafe shared.pointee.mustEnd.store(true, ordering: .releasing)
    unsafe shared.pointee.bell.notify()
    // What is shared stays until the process ends: the Embedded compiler of Swift 6.3 cannot destroy
    // atomics behind a pointer.
    thread.join()
  }
}

/// Lines in the form recordings have.
enum RecordingText {
  /// `time_s,name (unit),…` with its line feed.
  static func appendHeader(_ model: borrowing Model, to sink: inout some TextSink & ~Copyable) {
    sink.append(ChannelMapping.timeColumnName)
    for index in 0..<(model.contract?.channelCount ?? 0) {
      let channel = model.channel(index)
      sink.append(",")
      sink.append(Span(_bytes: model.text(channel.name)))
      sink.append(" (")
      sink.append(Span(_bytes: model.text(channel.unit)))
      sink.append(")")
    }
    sink.append("\n")
  }

  /// The first cell of a line.
  static func appendTime(_ seconds: Double, to sink: inout some TextSink & ~Copyable) {
    sink.append(seconds, fractionDigits: 6)
  }

  /// A comma and a reading, in as many digits as a single-precision number has.
  static func appendReading(_ reading: Float, to sink: inout some TextSink & ~Copyable) {
    sink.append(",")
    if !sink.append(Double(reading), fractionDigits: 9) { sink.append("0") }
  }
}
