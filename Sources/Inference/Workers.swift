/// Threads that can run an engine's operators together.
///
/// The engine starts none and knows none: whoever made them says how to call them. Divided among
/// threads an operator gives the same bytes as on one.
@safe
public struct Workers {
  /// A function that each thread calls with its number.
  public typealias Body = @convention(c) (UnsafeMutableRawPointer, Int32) -> Void

  /// The number of threads, the one that runs the engine included.
  public let count: Int

  /// Operators of less work run on one thread, because the others would come too late.
  ///
  /// Work is counted in multiplications with a weight, or what takes as long.
  public var leastOperatorWork = 65_536

  /// Models of less work, in the operators that can be divided, run on one thread: threads that sleep
  /// take tens of microseconds to wake up.
  public var leastModelWork = 4_194_304

  private let handle: UnsafeMutableRawPointer
  private let runBody:
    @convention(c) (UnsafeMutableRawPointer, Body, UnsafeMutableRawPointer) -> Void
  private let meeting: @convention(c) (UnsafeMutableRawPointer) -> Void

  /// - Parameters:
  ///   - handle: Stands for the threads in both functions, as long as the engine lives.
  ///   - run: Calls the body with the argument and the numbers 0 ..< `count`, each in a thread of its
  ///     own, 0 in the calling one. Returns when all have returned; what they wrote is seen then.
  ///   - meet: Called in all these threads while the body runs; returns when it has been called in
  ///     all of them, and what they wrote before is seen by all.
  @unsafe
  public init(
    count: Int, handle: UnsafeMutableRawPointer,
    run: @convention(c) (UnsafeMutableRawPointer, Body, UnsafeMutableRawPointer) -> Void,
    meet: @convention(c) (UnsafeMutableRawPointer) -> Void
  ) {
    self.count = count
    unsafe self.handle = handle
    unsafe runBody = run
    unsafe meeting = meet
  }

  func run(_ body: Body, _ argument: UnsafeMutableRawPointer) {
    unsafe runBody(handle, body, argument)
  }

  func meet() { unsafe meeting(handle) }
}
