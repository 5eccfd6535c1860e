private import CPlatform
import Text

/// Numbers of the system's errors.
public enum ErrorNumber {
  /// Appends the name people look for, such as `ETIMEDOUT`; `errno` for one outside the table.
  public static func appendName(_ code: Int32, to sink: inout some TextSink & ~Copyable) {
    // The names are literals of the C side.
    unsafe sink.append(cString: swl_error_name(code))
  }
}
