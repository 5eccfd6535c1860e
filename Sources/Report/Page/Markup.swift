/// A piece of HTML.
///
/// What stands in a literal is markup; what is interpolated is text and is escaped, unless it is
/// markup itself. So text from a log cannot become markup by being forgotten:
///
///     let cell: Markup = "<td>\(label)</td>"      // <td>a &lt; b</td>
struct Markup: ExpressibleByStringInterpolation, Sendable {
  private(set) var text: String

  init(stringLiteral value: String) { text = value }

  init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  /// Text, escaped.
  init(escaping plain: String) { text = Self.escape(plain) }

  static func + (left: Markup, right: Markup) -> Markup {
    var result = left
    result.text += right.text
    return result
  }

  static func += (left: inout Markup, right: Markup) { left.text += right.text }

  var isEmpty: Bool { text.isEmpty }

  struct Interpolation: StringInterpolationProtocol {
    var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ plain: String) { text += Markup.escape(plain) }
    mutating func appendInterpolation(_ markup: Markup) { text += markup.text }
    mutating func appendInterpolation(_ number: some BinaryInteger) { text += "\(number)" }
  }

  /// Characters with a meaning in HTML become references; what cannot be seen becomes visible.
  static func escape(_ plain: String) -> String {
    var result = ""
    result.reserveCapacity(plain.utf8.count)
    for scalar in Wording.visible(plain).unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension Sequence<Markup> {
  /// All in a row.
  func joined(separator: Markup = "") -> Markup {
    var result: Markup = ""
    var isFirst = true
    for piece in self {
      if !isFirst { result += separator }
      result += piece
      isFirst = false
    }
    return result
  }
}
