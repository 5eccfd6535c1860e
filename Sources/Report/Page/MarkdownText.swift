/// The Markdown of a model card as HTML: headings, paragraphs, lists, tables, code, emphasis. Links
/// become text with their address; HTML in it is text.
struct MarkdownText {
  private var lines: ArraySlice<Substring>
  private(set) var markup: Markup = ""

  init(_ text: String) {
    lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)[...]
    while let line = lines.first { block(line) }
  }

  private mutating func block(_ line: Substring) {
    let trimmed = line.trimmed
    if trimmed.isEmpty {
      lines.removeFirst()
    } else if trimmed.hasPrefix("```") {
      codeBlock()
    } else if let level = Self.headingLevel(trimmed) {
      lines.removeFirst()
      let tag = "h\(min(level + 2, 6))"
      let title = trimmed.drop { $0 == "#" }.trimmed
      markup += "<\(tag)>\(Self.inline(title))</\(tag)>\n"
    } else if trimmed.hasPrefix("|") {
      table()
    } else if Self.item(trimmed) != nil {
      list()
    } else if trimmed.count >= 3, trimmed.allSatisfy({ $0 == "-" || $0 == "*" || $0 == "_" }) {
      lines.removeFirst()
      markup += "<hr>\n"
    } else if line.hasPrefix("    ") {
      indentedCode()
    } else {
      paragraph()
    }
  }

  private static func headingLevel(_ line: Substring) -> Int? {
    let level = line.prefix { $0 == "#" }.count
    guard (1...6).contains(level), line.dropFirst(level).first == " " else { return nil }
    return level
  }

  /// The text of a list item, and whether it is numbered.
  private static func item(_ line: Substring) -> (text: Substring, isNumbered: Bool)? {
    for mark in ["- ", "* ", "+ "] where line.hasPrefix(mark) { return (line.dropFirst(2), false) }
    let digits = line.prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty, digits.count < 4, line.dropFirst(digits.count).hasPrefix(". ") else {
      return nil
    }
    return (line.dropFirst(digits.count + 2), true)
  }

  private mutating func paragraph() {
    var parts: [Substring] = []
    while let line = lines.first {
      let trimmed = line.trimmed
      let ends =
        trimmed.isEmpty || trimmed.hasPrefix("|") || trimmed.hasPrefix("```")
        || Self.headingLevel(trimmed) != nil || Self.item(trimmed) != nil
      if ends, !parts.isEmpty { break }
      parts.append(trimmed)
      lines.removeFirst()
    }
    markup += "<p>\(Self.inline(parts.joined(separator: " ")[...]))</p>\n"
  }

  private mutating func list() {
    let isNumbered = Self.item(lines.first?.trimmed ?? "")?.isNumbered ?? false
    let tag: Markup = isNumbered ? "ol" : "ul"
    markup += "<\(tag)>\n"
    while let line = lines.first, let item = Self.item(line.trimmed), item.isNumbered == isNumbered
    {
      lines.removeFirst()
      var text = String(item.text)
      // What is indented below it belongs to it.
      while let next = lines.first, next.hasPrefix(" "), !next.trimmed.isEmpty,
        Self.item(next.trimmed) == nil
      {
        text += " " + next.trimmed
        lines.removeFirst()
      }
      markup += "<li>\(Self.inline(text[...]))</li>\n"
    }
    markup += "</\(tag)>\n"
  }

  private mutating func codeBlock() {
    lines.removeFirst()
    var parts: [Markup] = []
    while let line = lines.popFirst(), !line.trimmed.hasPrefix("```") {
      parts.append("\(String(line))")
    }
    markup += "<pre><code>\(parts.joined(separator: "\n"))</code></pre>\n"
  }

  private mutating func indentedCode() {
    var parts: [Markup] = []
    while let line = lines.first, line.hasPrefix("    ") {
      parts.append("\(String(line.dropFirst(4)))")
      lines.removeFirst()
    }
    markup += "<pre><code>\(parts.joined(separator: "\n"))</code></pre>\n"
  }

  private mutating func table() {
    var rows: [[Substring]] = []
    var hasHead = false
    while let line = lines.first?.trimmed, line.hasPrefix("|") {
      lines.removeFirst()
      let isRule = line.allSatisfy { "|-: ".contains($0) } && line.contains("-")
      if isRule, rows.count == 1 {
        hasHead = true
      } else {
        rows.append(Self.cells(line))
      }
    }
    func row(_ cells: [Substring], _ tag: Markup) -> Markup {
      let cells = cells.map { "<\(tag)>\(Self.inline($0))</\(tag)>" as Markup }
      return "<tr>\(cells.joined())</tr>\n"
    }
    markup +=
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of the card\"><table>\n"
    if hasHead, let head = rows.first {
      rows.removeFirst()
      if head.contains(where: { !$0.isEmpty }) { markup += "<thead>\(row(head, "th"))</thead>\n" }
    }
    markup += "<tbody>\n\(rows.map { row($0, "td") }.joined())</tbody>\n</table></div>\n"
  }

  private static func cells(_ line: Substring) -> [Substring] {
    var inside = line.dropFirst()
    if inside.hasSuffix("|") { inside = inside.dropLast() }
    return inside.split(separator: "|", omittingEmptySubsequences: false).map(\.trimmed)
  }

  /// Code, strong and emphasized text, links.
  static func inline(_ text: Substring) -> Markup {
    var result: Markup = ""
    var rest = text
    var plain = ""
    func flush() {
      result += "\(plain)"
      plain = ""
    }
    while let character = rest.first {
      if character == "`", let (inside, after) = between("`", rest) {
        flush()
        result += "<code>\(String(inside))</code>"
        rest = after
      } else if rest.hasPrefix("**"), let (inside, after) = between("**", rest) {
        flush()
        result += "<strong>\(inline(inside))</strong>"
        rest = after
      } else if character == "*", let (inside, after) = between("*", rest),
        inside.first?.isWhitespace == false
      {
        flush()
        result += "<em>\(inline(inside))</em>"
        rest = after
      } else if character == "[", let (label, address, after) = link(rest) {
        flush()
        result += "\(inline(label)) (\(String(address)))"
        rest = after
      } else {
        plain.append(character)
        rest = rest.dropFirst()
      }
    }
    flush()
    return result
  }

  /// The longest emphasis, code or link that is looked for, in characters.
  private static let reach = 1000

  private static func between(
    _ mark: String, _ text: Substring
  ) -> (inside: Substring, after: Substring)? {
    // A mark without a partner must not make every character search the whole text.
    let body = text.dropFirst(mark.count)
    guard let end = body.prefix(reach).firstRange(of: mark), end.lowerBound > body.startIndex else {
      return nil
    }
    return (body[..<end.lowerBound], body[end.upperBound...])
  }

  private static func link(
    _ text: Substring
  ) -> (label: Substring, address: Substring, after: Substring)? {
    guard let middle = text.prefix(reach).firstRange(of: "](") else { return nil }
    let label = text[text.index(after: text.startIndex)..<middle.lowerBound]
    guard !label.contains("["),
      let end = text[middle.upperBound...].prefix(reach).firstIndex(of: ")")
    else {
      return nil
    }
    return (label, text[middle.upperBound..<end], text[text.index(after: end)...])
  }
}

extension Substring {
  /// Without blanks at both ends.
  fileprivate var trimmed: Substring {
    var text = drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
