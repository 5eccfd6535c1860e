import Text

/// The files beside a raw one that say how to scale it.
///
/// IIO drivers have either one for a channel (`in_accel_x_scale` beside `in_accel_x_raw`) or one
/// for all of a type (`in_accel_scale`). A file that is not there means 1 for the scale and 0 for
/// the offset.
public enum KernelFileSibling: Sendable {
  case scale
  case sharedScale
  case offset
  case sharedOffset

  /// Appends the path of the file beside `path`.
  ///
  /// - Returns: `false`, with nothing appended, when `path` does not end in `_raw`.
  public func append(
    of path: borrowing Span<UInt8>, to sink: inout some TextSink & ~Copyable
  ) -> Bool {
    guard path.ends(with: "_raw") else { return false }
    var end = path.count - 4
    if isShared {
      // The type is the word after `in_`: `in_accel` of `in_accel_x`, `in_voltage` of `in_voltage0`.
      end = path.count - path.lastComponent.count
      guard path.extracting(end..<path.count).starts(with: "in_") else { return false }
      end += 3
      while end < path.count, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(path[end]) {
        end += 1
      }
    }
    sink.append(path.extracting(first: end))
    sink.append(suffix)
    return true
  }

  private var isShared: Bool { self == .sharedScale || self == .sharedOffset }

  private var suffix: StaticString {
    switch self {
    case .scale, .sharedScale: "_scale"
    case .offset, .sharedOffset: "_offset"
    }
  }
}
