import Journal
import LinuxPlatform
import Synchronization
import Text

/// What the loop and the thread that writes the journal share. It lies in memory that never moves.
struct JournalThread: ~Copyable {
  let queue: RecordQueue
  let board = StatisticsBoard()
  /// Files that are not the journal's, but are written here since the loop waits for no storage.
  let post: FilePost
  /// Rung when there is something in the queue worth waking up for, and at the end.
  let bell: Wakeup
  let mustEnd = Atomic<Bool>(false)

  // The writer thread's own.
  private let boot: UInt32
  private let folder: FilePath
  private var writer: JournalWriter<LinuxJournalFolder>
  private var windows: WindowRing<LinuxJournalFolder>

  /// The longest a record waits in the queue without a ring.
  private static let pollNanoseconds: UInt64 = 500_000_000

  init(
    _ settings: borrowing LogSettings, windowFolder: FilePath, boot: UInt32,
    queue: consuming RecordQueue, post: consuming FilePost, bell: consuming Wakeup
  ) {
    self.queue = queue
    self.bell = bell
    self.post = post
    folder = settings.folder
    self.boot = boot
    writer = JournalWriter(LinuxJournalFolder(settings.folder), settings: settings.journal)
    windows = WindowRing(
      LinuxJournalFolder(windowFolder), maximumCount: UInt64(settings.rawWindowCount),
      maximumByteCount: settings.rawWindowByteCount)
  }

  /// The body of the thread: opens the journal, writes what comes, closes it when it must end.
  mutating func run() {
    writer.open(at: stamp())
    show()
    while true {
      let ends = mustEnd.load(ordering: .acquiring)
      let now = stamp()
      queue.drain(into: &writer, windows: &windows, at: now)
      writer.tick(at: now)
      show()
      post.deliver(freeSpaceOf: folder)
      if ends { break }
      let limit = now.monotonicNanoseconds + Self.pollNanoseconds
      // A bell that does not work leaves the deadline.
      if (try? bell.wait(until: min(max(writer.nextDeadline, 1), limit))) == nil {
        _ = MonotonicClock.sleep(until: limit)
      }
    }
    writer.close(at: stamp())
    show()
  }

  private func stamp() -> RecordStamp { Clock.stamp(boot: boot) }

  /// Shows the statistics to the loop, and people what happened.
  private mutating func show() {
    board.publish(writer.statistics, writer.condition)
    while let notice = writer.takeNotice() {
      LogLine.write(notice.isWarning ? .warning : .notice) { notice.describe(into: &$0) }
    }
  }
}
