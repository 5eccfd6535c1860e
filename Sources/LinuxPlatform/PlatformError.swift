private import CPlatform
import Text

/// Something the operating system refused.
///
/// The error says what was tried and why it failed; the file's name is known to whoever tried, and
/// goes in front of the sentence.
public struct PlatformError: Error, Equatable, Sendable {
  /// What was tried.
  public enum Operation: Equatable, Sendable {
    case open
    case inspect
    case read
    case map
    case create
    case write
    case synchronize
    case rename
    case makeFolder
    case allocate
    case remove
    case list
    case lock
    case watch
    case listen
    case accept
    case connect
    case receive
    case send
    case startThread
    case lockMemory
    case setPriority
    case findGroup
  }

  /// What was tried.
  public let operation: Operation

  /// The `errno` value, or 0 for an empty file where content is needed.
  public let code: Int32

  init(_ operation: Operation, code: Int32) {
    self.operation = operation
    self.code = code.magnitude == 0 ? 0 : abs(code)
  }

  /// An empty file where content is needed.
  public static var emptyFile: PlatformError { PlatformError(.read, code: 0) }

  /// Whether the call was cut short by a request to terminate.
  public var isInterruption: Bool { code == swl_error_interrupted() }

  /// Whether a file or folder of the path does not exist.
  public var isMissingFile: Bool { code == swl_error_missing() }

  /// Whether there is nothing to do now and waiting may help.
  public var isWouldBlock: Bool { code == swl_error_would_block() }

  /// Whether the file system, or the share of it the user may take, is full.
  public var isNoSpace: Bool { swl_error_no_space(code) }

  /// Whether the file system is mounted read-only, as the kernel does after an error of the device.
  public var isReadOnly: Bool { code == swl_error_read_only() }

  /// Whether the user of the process may not do it.
  public var isNotPermitted: Bool { swl_error_not_permitted(code) }

  /// Whether a file or folder of the name is there already.
  public var isAlreadyThere: Bool { code == swl_error_already_there() }

  /// Appends `cannot open: No such file or directory (ENOENT); check the path`.
  public func describe(into sink: inout some TextSink & ~Copyable) {
    guard code != 0 else {
      sink.append("the file is empty; make or copy it again")
      return
    }
    sink.append(operation.phrase)
    sink.append(": ")
    unsafe sink.append(cString: swl_error_description(code))
    sink.append(" (")
    unsafe sink.append(cString: swl_error_name(code))
    if unsafe swl_error_name(code)[0] == UInt8(ascii: "e") {
      // The generic "errno": a number outside the table.
      sink.append(byte: UInt8(ascii: " "))
      sink.append(Int64(code))
    }
    sink.append("); ")
    if isNotPermitted, let advice = operation.permissionAdvice {
      sink.append(advice)
    } else {
      unsafe sink.append(cString: swl_error_advice(code))
    }
  }

  /// The exit status of a program that ends because of this error, as in `sysexits.h`.
  public var exitCode: Int32 {
    switch operation {
    case .open, .inspect, .map, .list, .connect: 66
    case .read: code == 0 ? 65 : 74
    case .create, .makeFolder, .lock, .listen: 73
    case .write, .synchronize, .rename, .remove, .accept, .receive, .send: 74
    case .findGroup: 78
    case .allocate, .watch, .startThread, .lockMemory, .setPriority: 70
    }
  }
}

extension PlatformError.Operation {
  fileprivate var phrase: StaticString {
    switch self {
    case .open: "cannot open"
    case .inspect: "cannot inspect"
    case .read: "cannot read"
    case .map: "cannot map into memory"
    case .create: "cannot create"
    case .write: "cannot write"
    case .synchronize: "cannot write to the device"
    case .rename: "cannot rename the finished file"
    case .makeFolder: "cannot make the folder"
    case .allocate: "cannot get memory"
    case .remove: "cannot remove"
    case .list: "cannot list the folder"
    case .lock: "cannot lock"
    case .watch: "cannot wait for events"
    case .listen: "cannot listen"
    case .accept: "cannot accept a connection"
    case .connect: "cannot connect"
    case .receive: "cannot receive"
    case .send: "cannot send"
    case .startThread: "cannot start a thread"
    case .lockMemory: "cannot lock the memory"
    case .setPriority: "cannot set the priority"
    case .findGroup: "cannot find the group"
    }
  }

  /// What helps against EACCES and EPERM where more than file permissions decide.
  fileprivate var permissionAdvice: StaticString? {
    switch self {
    case .lockMemory: "raise the limit (LimitMEMLOCK= of the unit, ulimit -l)"
    case .setPriority: "raise the limit (LimitRTPRIO= of the unit, ulimit -r)"
    case .listen: "check the folder's permissions and that the user is in the group"
    default: nil
    }
  }
}

extension TextSink where Self: ~Copyable {
  /// Appends NUL-terminated text.
  @unsafe
  mutating func append(cString: UnsafePointer<UInt8>) {
    // The texts of the error table are literals of the C side.
    let length = unsafe Int(swl_string_length(cString))
    unsafe append(Span(_unsafeStart: cString, count: length))
  }
}

#if !hasFeature(Embedded)
  extension PlatformError: CustomStringConvertible {
    /// The sentence of `describe(into:)`.
    public var description: String { String { describe(into: &$0) } }

    /// The sentence with the file it is about in front.
    public func description(path: String) -> String { "\(path): \(description)" }
  }
#endif
