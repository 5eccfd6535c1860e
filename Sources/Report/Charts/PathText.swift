/// The `d` of an SVG path in a square of 1000 by 1000 units, the origin at the bottom left.
///
/// Charts stretch that square to their size; strokes keep their width.
struct PathText {
  private(set) var text = ""

  var isEmpty: Bool { text.isEmpty }

  mutating func move(_ x: Double, _ y: Double) { append("M", x, y) }

  mutating func line(_ x: Double, _ y: Double) { append("L", x, y) }

  mutating func close() { text += "Z" }

  /// A rectangle.
  mutating func rectangle(_ x: ClosedRange<Double>, _ y: ClosedRange<Double>) {
    text += "M\(Self.number(x.lowerBound)) \(Self.number(1 - y.lowerBound))"
    text += "H\(Self.number(x.upperBound))V\(Self.number(1 - y.upperBound))"
    text += "H\(Self.number(x.lowerBound))Z"
  }

  private mutating func append(_ command: String, _ x: Double, _ y: Double) {
    text += "\(command)\(Self.number(x)) \(Self.number(1 - y))"
  }

  /// A part of 1 in tenths of a thousandth, the shortest way.
  static func number(_ fraction: Double) -> String {
    guard fraction.isFinite else { return "0" }
    let tenths = Int((min(max(fraction, -1), 2) * 10_000).rounded())
    return tenths % 10 == 0
      ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }
}
