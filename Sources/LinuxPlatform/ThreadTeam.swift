private import CPlatform

/// A fixed number of threads that run one function together: the thread that owns the team, and
/// others that sleep in between.
///
/// The other threads take no signals. They may use the CPUs that the thread which made the team may
/// use; each has a stack of 128 KiB.
@safe
public struct ThreadTeam: ~Copyable {
  /// The most threads of a team.
  public static let maximumCount = 64

  /// The threads, the owner's included.
  public let count: Int
  private let team: OpaquePointer

  /// Starts `count` − 1 threads.
  ///
  /// - Parameter count: 1 through ``maximumCount``.
  public init(count: Int) throws(PlatformError) {
    precondition(count >= 1 && count <= Self.maximumCount, "a team has 1 to 64 threads")
    var failure: Int32 = 0
    guard let team = unsafe swl_team_start(Int32(count), &failure) else {
      throw PlatformError(.startThread, code: failure)
    }
    self.count = count
    unsafe self.team = team
  }

  deinit {
    // Once: the owner is gone after it.
    unsafe swl_team_stop(team)
  }

  /// Gives the other threads the scheduling policy and priority of the calling one.
  public borrowing func adoptPriority() throws(PlatformError) {
    let result = unsafe swl_team_adopt_priority(team)
    guard result >= 0 else { throw PlatformError(.setPriority, code: result) }
  }

  // MARK: For code that knows nothing of operating systems

  /// What stands for the team in ``run(_:_:_:)`` and ``meet(_:)``, as long as it lives.
  public var handle: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(team) }

  /// Calls `body` with `argument` and the number of the thread in each of them, 0 in the calling one;
  /// returns when all have returned.
  public static func run(
    _ handle: UnsafeMutableRawPointer,
    _ body: @convention(c) (UnsafeMutableRawPointer, Int32) -> Void,
    _ argument: UnsafeMutableRawPointer
  ) {
    unsafe swl_team_run(OpaquePointer(handle), body, argument)
  }

  /// Waits, inside of what the team runs, until all its threads are here.
  public static func meet(_ handle: UnsafeMutableRawPointer) {
    unsafe swl_team_meet(OpaquePointer(handle))
  }
}

extension Process {
  /// The CPUs the calling thread may run on.
  public static var usableProcessorCount: Int { Int(swl_usable_cpu_count()) }
}
