/// The parameter words of an operator record: what each means depends on the operator's kind.
///
/// The structures below name the words; each is the one definition of its layout for the reader
/// and for the writer. Words that a structure does not name are zero.
public struct OperatorWords: Sendable {
  /// The number of 32-bit words.
  public static let count = 24

  private var storage: InlineArray<24, Int32>

  /// All words zero.
  public init() { storage = InlineArray(repeating: 0) }

  /// Word `index`.
  public subscript(index: Int) -> Int32 {
    get { storage[index] }
    set { storage[index] = newValue }
  }

  /// Word `index` as a count or an index.
  subscript(count index: Int) -> Int {
    get { Int(storage[index]) }
    set { storage[index] = Int32(newValue) }
  }
}

/// A fixed-point multiplier as stored in a file: `value × 2^(shift − 31)` (numerics, equation 3).
public struct MultiplierWords: Sendable, Equatable {
  /// The significand in Q31: 0, or in 2^30 … 2^31 − 1; that of a mean may be smaller.
  public var significand: Int32
  /// The power of two; positive shifts left.
  public var shift: Int32

  /// The multiplier `significand × 2^(shift − 31)`.
  public init(significand: Int32, shift: Int32) {
    self.significand = significand
    self.shift = shift
  }
}

/// The range of the quantized output of an operator with a fused activation.
public struct ActivationRange: Sendable, Equatable {
  /// The smallest output value.
  public var minimum: Int32
  /// The largest output value.
  public var maximum: Int32

  /// The range `minimum ... maximum`.
  public init(minimum: Int32, maximum: Int32) {
    self.minimum = minimum
    self.maximum = maximum
  }
}

/// Parameters of convolutions and pools: a window that slides over height and width.
public struct WindowParameters: Sendable {
  /// The words as stored.
  public var words: OperatorWords

  /// Parameters read from, or to be written to, a record.
  public init(words: OperatorWords = OperatorWords()) { self.words = words }

  /// Rows of the window.
  public var kernelHeight: Int {
    get { words[count: 0] }
    set { words[count: 0] = newValue }
  }
  /// Columns of the window.
  public var kernelWidth: Int {
    get { words[count: 1] }
    set { words[count: 1] = newValue }
  }
  /// Input rows from one output row to the next.
  public var strideHeight: Int {
    get { words[count: 2] }
    set { words[count: 2] = newValue }
  }
  /// Input columns from one output column to the next.
  public var strideWidth: Int {
    get { words[count: 3] }
    set { words[count: 3] = newValue }
  }
  /// Input rows from one window row to the next.
  public var dilationHeight: Int {
    get { words[count: 4] }
    set { words[count: 4] = newValue }
  }
  /// Input columns from one window column to the next.
  public var dilationWidth: Int {
    get { words[count: 5] }
    set { words[count: 5] = newValue }
  }
  /// Rows of zero point above the input.
  public var paddingTop: Int {
    get { words[count: 6] }
    set { words[count: 6] = newValue }
  }
  /// Columns of zero point left of the input.
  public var paddingLeft: Int {
    get { words[count: 7] }
    set { words[count: 7] = newValue }
  }
  /// Range of the output.
  public var activation: ActivationRange {
    get { ActivationRange(minimum: words[8], maximum: words[9]) }
    set { (words[8], words[9]) = (newValue.minimum, newValue.maximum) }
  }
  /// Convolution: input channels that one output channel sees (all of them, or those of a group).
  public var groupDepth: Int {
    get { words[count: 10] }
    set { words[count: 10] = newValue }
  }
  /// Depthwise convolution: output channels of one input channel.
  public var depthMultiplier: Int {
    get { words[count: 11] }
    set { words[count: 11] = newValue }
  }
}

/// Parameters of ``OperatorKind/fullyConnected``.
public struct FullyConnectedParameters: Sendable {
  /// The words as stored.
  public var words: OperatorWords

  /// Parameters read from, or to be written to, a record.
  public init(words: OperatorWords = OperatorWords()) { self.words = words }

  /// Range of the output.
  public var activation: ActivationRange {
    get { ActivationRange(minimum: words[0], maximum: words[1]) }
    set { (words[0], words[1]) = (newValue.minimum, newValue.maximum) }
  }
}

/// Parameters of the element-wise operators of two inputs.
public struct ElementwiseParameters: Sendable {
  /// The words as stored.
  public var words: OperatorWords

  /// Parameters read from, or to be written to, a record.
  public init(words: OperatorWords = OperatorWords()) { self.words = words }

  /// Multiplier of the first input (add, subtract).
  public var first: MultiplierWords {
    get { MultiplierWords(significand: words[0], shift: words[1]) }
    set { (words[0], words[1]) = (newValue.significand, newValue.shift) }
  }
  /// Multiplier of the second input (add, subtract).
  public var second: MultiplierWords {
    get { MultiplierWords(significand: words[2], shift: words[3]) }
    set { (words[2], words[3]) = (newValue.significand, newValue.shift) }
  }
  /// Multiplier of the result (add, subtract, multiply).
  public var output: MultiplierWords {
    get { MultiplierWords(significand: words[4], shift: words[5]) }
    set { (words[4], words[5]) = (newValue.significand, newValue.shift) }
  }
  /// Bits by which both inputs are raised before they are scaled (add, subtract).
  public var leftShift: Int {
    get { words[count: 6] }
    set { words[count: 6] = newValue }
  }
  /// Range of the output.
  public var activation: ActivationRange {
    get { ActivationRange(minimum: words[7], maximum: words[8]) }
    set { (words[7], words[8]) = (newValue.minimum, newValue.maximum) }
  }
}

/// Parameters of ``OperatorKind/mean``.
public struct MeanParameters: Sendable {
  /// The words as stored.
  public var words: OperatorWords

  /// Parameters read from, or to be written to, a record.
  public init(words: OperatorWords = OperatorWords()) { self.words = words }

  /// Multiplier from the centred sum to the output.
  public var multiplier: MultiplierWords {
    get { MultiplierWords(significand: words[0], shift: words[1]) }
    set { (words[0], words[1]) = (newValue.significand, newValue.shift) }
  }
  /// Bit `a` is set when axis `a` is averaged over.
  public var axes: UInt32 {
    get { UInt32(bitPattern: words[2]) }
    set { words[2] = Int32(bitPattern: newValue) }
  }
}

/// Parameters of ``OperatorKind/softmax``.
public struct SoftmaxParameters: Sendable {
  /// The words as stored.
  public var words: OperatorWords

  /// Parameters read from, or to be written to, a record.
  public init(words: OperatorWords = OperatorWords()) { self.words = words }

  /// Multiplier from a difference of inputs to the exponent, in Q5.26.
  public var multiplier: MultiplierWords {
    get { MultiplierWords(significand: words[0], shift: words[1]) }
    set { (words[0], words[1]) = (newValue.significand, newValue.shift) }
  }
  /// Differences below this one have an exponential of zero.
  public var smallestDifference: Int32 {
    get { words[2] }
    set { words[2] = newValue }
  }
}

/// Parameters of ``OperatorKind/concatenation`` and ``OperatorKind/argMax``.
public struct AxisParameters: Sendable {
  /// The words as stored.
  public var words: OperatorWords

  /// Parameters read from, or to be written to, a record.
  public init(words: OperatorWords = OperatorWords()) { self.words = words }

  /// The axis, counted from the outermost.
  public var axis: Int {
    get { words[count: 0] }
    set { words[count: 0] = newValue }
  }
}

/// Parameters of ``OperatorKind/transpose``.
public struct TransposeParameters: Sendable {
  /// The words as stored.
  public var words: OperatorWords

  /// Parameters read from, or to be written to, a record.
  public init(words: OperatorWords = OperatorWords()) { self.words = words }

  /// The input axis that becomes output axis `axis`.
  public subscript(source axis: Int) -> Int {
    get { words[count: axis] }
    set { words[count: axis] = newValue }
  }
}

/// Parameters of ``OperatorKind/pad``.
public struct PadParameters: Sendable {
  /// The words as stored.
  public var words: OperatorWords

  /// Parameters read from, or to be written to, a record.
  public init(words: OperatorWords = OperatorWords()) { self.words = words }

  /// Elements of border in front of the input along `axis`; what is behind follows from the shapes.
  public subscript(before axis: Int) -> Int {
    get { words[count: axis] }
    set { words[count: axis] = newValue }
  }
  /// The quantized value of the border.
  public var value: Int32 {
    get { words[6] }
    set { words[6] = newValue }
  }
}

/// Parameters of ``OperatorKind/slice``.
public struct SliceParameters: Sendable {
  /// The words as stored.
  public var words: OperatorWords

  /// Parameters read from, or to be written to, a record.
  public init(words: OperatorWords = OperatorWords()) { self.words = words }

  /// The first index along `axis` of the input.
  public subscript(begin axis: Int) -> Int {
    get { words[count: axis] }
    set { words[count: axis] = newValue }
  }
  /// The step along `axis` of the input; may be negative, never 0.
  public subscript(step axis: Int) -> Int {
    get { words[count: 6 + axis] }
    set { words[count: 6 + axis] = newValue }
  }
  /// Elements taken along `axis`: the shape of the result before unit axes are dropped.
  public subscript(size axis: Int) -> Int {
    get { words[count: 12 + axis] }
    set { words[count: 12 + axis] = newValue }
  }
}
