import Text

extension ADS1115 {
  /// What the converter's multiplexer connects; the raw value is the field MUX.
  enum Input: UInt8, Sendable {
    case difference01, difference03, difference13, difference23
    case single0, single1, single2, single3

    /// - Returns: `nil` for a word that names no input.
    init?(parsing word: borrowing Span<UInt8>) {
      guard let index = word.index(amongWordsOf: "a0-a1 a0-a3 a1-a3 a2-a3 a0 a1 a2 a3") else {
        return nil
      }
      self.init(rawValue: UInt8(index))
    }

    var quantity: Quantity {
      switch self {
      case .difference01: Quantity("voltage_a0_a1", unit: "V")
      case .difference03: Quantity("voltage_a0_a3", unit: "V")
      case .difference13: Quantity("voltage_a1_a3", unit: "V")
      case .difference23: Quantity("voltage_a2_a3", unit: "V")
      case .single0: Quantity("voltage_a0", unit: "V")
      case .single1: Quantity("voltage_a1", unit: "V")
      case .single2: Quantity("voltage_a2", unit: "V")
      case .single3: Quantity("voltage_a3", unit: "V")
      }
    }
  }

  /// The inputs of a reading, in order; at least one.
  struct Inputs: Sendable {
    private var items = InlineArray<8, Input>(repeating: .single0)
    private(set) var count = 1

    /// Input `a0`.
    init() {}

    /// A list of words with spaces between.
    ///
    /// - Returns: `nil` for an unknown word, one that comes twice, or none.
    init?(parsing text: borrowing Span<UInt8>) {
      count = 0
      var taken: UInt8 = 0
      var start = 0
      for end in 0...text.count where end == text.count || text[end] == UInt8(ascii: " ") {
        let word = text.extracting(start..<end)
        start = end + 1
        if word.isEmpty { continue }
        guard let input = Input(parsing: word), taken & 1 << input.rawValue == 0 else {
          return nil
        }
        taken |= 1 << input.rawValue
        items[count] = input
        count += 1
      }
      guard count > 0 else { return nil }
    }

    subscript(index: Int) -> Input { items[index] }
  }
}
