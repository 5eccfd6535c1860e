/// A function from one byte to one byte, tabulated.
///
/// Every element-wise function of one 8-bit operand is one: 256 bytes replace its arithmetic, bit
/// for bit.
public struct LookupTable: Sendable {
  /// The results, at the bit pattern of the argument: for int8 arguments 0 … 127, then −128 … −1.
  public let bytes: InlineArray<256, UInt8>

  /// The table of `function`; both types are int8 or uint8.
  public init<Input: FixedWidthInteger, Output: FixedWidthInteger>(
    _ function: (Input) -> Output
  ) {
    precondition(Input.bitWidth == 8 && Output.bitWidth == 8, "tables map bytes to bytes")
    bytes = InlineArray { index in
      UInt8(truncatingIfNeeded: function(Input(truncatingIfNeeded: index)))
    }
  }
}
