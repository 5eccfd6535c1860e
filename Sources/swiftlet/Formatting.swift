/// `text` with spaces behind it up to `width` characters.
func pad(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

/// `text` with spaces in front of it up to `width` characters.
func padLeft(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}

/// `value` with commas between groups of three digits.
func decimal(_ value: Int) -> String {
  var digits = Array(String(value.magnitude))
  var position = digits.count - 3
  while position > 0 {
    digits.insert(",", at: position)
    position -= 3
  }
  return (value < 0 ? "-" : "") + String(digits)
}
