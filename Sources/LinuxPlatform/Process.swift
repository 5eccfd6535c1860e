private import CPlatform
import Text

/// The running program.
public enum Process {
  /// Ends the program with an exit status.
  public static func exit(_ status: Int32) -> Never { swl_exit(status) }

  /// The process number.
  public static var identifier: Int64 { swl_process_identifier() }

  /// The most physical memory the program has held so far, in bytes.
  public static var peakResidentByteCount: UInt64 { swl_peak_resident_bytes() }

  /// The physical memory the program holds now, in bytes; 0 where unknown.
  public static var residentByteCount: UInt64 { swl_resident_bytes() }

  /// Processor time the program has used, all threads together, in nanoseconds.
  public static var cpuNanoseconds: UInt64 { swl_cpu_ns() }

  /// Size of a page of memory in bytes.
  public static var pageByteCount: Int { Int(swl_page_bytes()) }

  /// Holds the program's memory, with what it will map later, in physical memory: no access waits
  /// for a disk.
  public static func lockMemory() throws(PlatformError) {
    let result = swl_lock_memory()
    guard result >= 0 else { throw PlatformError(.lockMemory, code: result) }
  }

  /// Gives back the stack that was used deeper than the caller is now, by a start for example.
  public static func releaseStack() { swl_release_stack() }

  /// Takes and locks the 128 KiB of stack that may be used later, so that using them costs nothing
  /// then.
  public static func prefaultStack() { swl_prefault_stack() }

  /// Runs the calling thread before all ordinary ones, and threads it starts as ordinary ones.
  ///
  /// - Parameter priority: 1 through 99 (SCHED_FIFO); the kernel's own threads of interrupts have 50.
  public static func setRealTimePriority(_ priority: Int) throws(PlatformError) {
    let result = swl_set_real_time_priority(Int32(clamping: priority))
    guard result >= 0 else { throw PlatformError(.setPriority, code: result) }
  }

  /// What the kernel says the processor can do: AT_HWCAP and AT_HWCAP2 of the auxiliary vector, 0
  /// where unknown.
  public static var hardwareCapabilities: (UInt64, UInt64) {
    (swl_hardware_capabilities(0), swl_hardware_capabilities(1))
  }

  /// The value of an environment variable; empty where it is not set.
  @_lifetime(immortal)
  public static func environment(_ name: StaticString) -> Span<UInt8> {
    // A literal is NUL-terminated, and nothing here changes the environment.
    guard let value = unsafe swl_environment(name.utf8Start) else { return Span() }
    let span = unsafe Span(_unsafeStart: value, count: Int(swl_string_length(value)))
    return unsafe _overrideLifetime(span, copying: ())
  }

  /// Makes one folder; one that is there already is fine.
  public static func makeFolder(_ path: borrowing FilePath) throws(PlatformError) {
    let result = unsafe path.withCString { unsafe swl_make_folder($0) }
    guard result >= 0 else { throw PlatformError(.makeFolder, code: result) }
  }

  /// Removes a file.
  ///
  /// - Returns: Whether there was one to remove.
  @discardableResult
  public static func removeFile(_ path: borrowing FilePath) -> Bool {
    unsafe path.withCString { unsafe swl_unlink($0) } >= 0
  }
}

/// The request to stop, made by SIGTERM or SIGINT.
public enum TerminationSignal {
  /// From now on the signals set a flag instead of ending the program, wake sleepers and interrupt
  /// reads, and writing to a pipe nobody reads is an error (EPIPE) instead of a signal.
  public static func install() { swl_remember_termination_signals() }

  /// Whether one came.
  public static var isRaised: Bool { swl_termination_signal() != 0 }

  /// The number of the first one, or 0.
  public static var number: Int32 { swl_termination_signal() }
}

/// The request to read the configuration again, made by SIGHUP.
public enum ReloadSignal {
  /// From now on the signal sets a flag instead of ending the program.
  public static func install() { swl_remember_reload_signal() }

  /// Whether one came since the last call.
  public static func take() -> Bool { swl_take_reload_signal() }
}

/// The words of the command line, the program's name first.
public enum CommandLineArguments {
  /// At least 1 when the program was started as usual.
  public static var count: Int { Int(swl_argument_count()) }

  /// One word.
  ///
  /// - Parameter index: 0 through `count` − 1; beyond, the word is empty.
  @_lifetime(immortal)
  public static func bytes(_ index: Int) -> Span<UInt8> {
    // The words belong to the process and are there, unchanged, until it ends.
    let word = unsafe swl_argument(Int32(clamping: index))
    let span = unsafe Span(_unsafeStart: word, count: Int(swl_string_length(word)))
    return unsafe _overrideLifetime(span, copying: ())
  }
}
