private import CPlatform

/// A second thread, for what may take long: it gets no signals, and runs at ordinary priority even
/// where its maker asked for more.
///
/// Its stack holds 192 KiB, on boards 128 KiB.
@safe
public struct WorkerThread: ~Copyable {
  private let thread: UnsafeMutableRawPointer

  /// Starts `body(context)`.
  ///
  /// - Parameters:
  ///   - context: What both threads share; it must stay where it is, and be safe for use from two
  ///     threads, until the thread has ended.
  ///   - body: Returns when it has been asked to end, by a means of its own.
  public init(
    context: UnsafeMutableRawPointer, _ body: @convention(c) (UnsafeMutableRawPointer) -> Void
  ) throws(PlatformError) {
    var failure: Int32 = 0
    // The context is the caller's promise, see above.
    guard let started = unsafe swl_thread_start(body, context, &failure) else {
      throw PlatformError(.startThread, code: failure)
    }
    unsafe thread = started
  }

  /// Waits until the thread has ended.
  public consuming func join() {}

  deinit {
    // Once: the owner is gone after it.
    unsafe swl_thread_join(thread)
  }
}
