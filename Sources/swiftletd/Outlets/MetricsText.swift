import LinuxPlatform
import Text

/// Text in the exposition format of Prometheus (version 0.0.4), in memory of its own.
///
///     text.family("swiftlet_samples_total", .counter, "Samples taken.")
///     text.sample("swiftlet_samples_total", 12)
struct MetricsText: ~Copyable {
  private var text: MemoryText

  enum Kind {
    case counter
    case gauge
    case histogram
  }

  init(capacity: Int) throws(PlatformError) {
    text = try MemoryText(capacity: capacity)
  }

  /// Lets `body` see the text so far, which is worthless once it overflowed.
  func withBytes(_ body: (borrowing Span<UInt8>) -> Void) { body(text.bytes) }

  var overflowed: Bool { text.overflowed }

  mutating func removeAll() { text.removeAll() }

  /// Says what the samples that follow are.
  mutating func family(_ name: StaticString, _ kind: Kind, _ help: StaticString) {
    text.append("# HELP ")
    text.append(name)
    text.append(" ")
    text.append(help)
    text.append("\n# TYPE ")
    text.append(name)
    switch kind {
    case .counter: text.append(" counter\n")
    case .gauge: text.append(" gauge\n")
    case .histogram: text.append(" histogram\n")
    }
  }

  // MARK: Samples

  /// A sample without labels.
  mutating func sample(_ name: StaticString, _ value: UInt64) {
    text.append(name)
    end(value)
  }

  /// A sample without labels.
  mutating func sample(_ name: StaticString, seconds nanoseconds: UInt64) {
    text.append(name)
    end(seconds: nanoseconds)
  }

  /// A family of one sample.
  mutating func single(
    _ name: StaticString, _ kind: Kind, _ help: StaticString, _ value: UInt64
  ) {
    family(name, kind, help)
    sample(name, value)
  }

  // MARK: Pieces

  mutating func begin(_ name: StaticString) { text.append(name) }

  /// A label; labels follow the name, the first one with `isFirst`.
  mutating func label(_ name: StaticString, _ value: borrowing Span<UInt8>, isFirst: Bool) {
    text.append(isFirst ? "{" : ",")
    text.append(name)
    text.append("=\"")
    appendEscaped(value)
    text.append("\"")
  }

  mutating func label(_ name: StaticString, _ value: StaticString, isFirst: Bool) {
    value.withUTF8Span { label(name, $0, isFirst: isFirst) }
  }

  mutating func endLabels() { text.append("}") }

  mutating func end(_ value: UInt64) {
    text.append(" ")
    text.append(value)
    text.append("\n")
  }

  mutating func end(seconds nanoseconds: UInt64) {
    text.append(" ")
    text.append(Double(nanoseconds) / 1e9, fractionDigits: 6)
    text.append("\n")
  }

  mutating func end(real value: Double, fractionDigits: Int) {
    text.append(" ")
    if !text.append(value, fractionDigits: fractionDigits) { text.append("NaN") }
    text.append("\n")
  }

  /// The upper bound of a bucket, and how many are not above it.
  mutating func bucket(_ name: StaticString, _ bound: StaticString, _ count: UInt64) {
    text.append(name)
    text.append("_bucket")
    label("le", bound, isFirst: true)
    endLabels()
    end(count)
  }

  /// Sum and count of a histogram.
  mutating func totals(_ name: StaticString, sumNanoseconds: UInt64, count: UInt64) {
    text.append(name)
    text.append("_sum")
    end(seconds: sumNanoseconds)
    text.append(name)
    text.append("_count")
    end(count)
  }

  /// Backslashes, quotation marks and line feeds are escaped; other control characters and bytes
  /// that are not ASCII stay, the format takes any UTF-8.
  private mutating func appendEscaped(_ value: borrowing Span<UInt8>) {
    for index in value.indices {
      switch value[index] {
      case UInt8(ascii: "\\"): text.append("\\\\")
      case UInt8(ascii: "\""): text.append("\\\"")
      case UInt8(ascii: "\n"): text.append("\\n")
      default: text.append(value.extracting(index..<index + 1))
      }
    }
  }
}
