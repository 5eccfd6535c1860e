/// The weights a piece of a signal is multiplied with before its spectrum is taken.
public enum WindowFunction: UInt8, Equatable, Sendable {
  /// No weights.
  case rectangular
  /// ½ − ½ cos 2πn/N.
  case hann
  /// 0.54 − 0.46 cos 2πn/N.
  case hamming
}

/// What is taken out of a window before its features are computed.
public enum Detrend: UInt8, Equatable, Sendable {
  /// Nothing.
  case none
  /// The mean.
  case mean
  /// The straight line that fits best by least squares.
  case linear
}

/// How the bins of a power spectrum become features.
public enum SpectrumReduction: UInt8, Equatable, Sendable {
  /// One feature a bin, 0 through N/2.
  case bins
  /// The sums over the bins from one edge up to the next.
  case bands
  /// Sums weighted by triangles that rise from one edge to the next and fall to the one after.
  case triangles
}

/// How large numbers are a feature.
public enum SpectrumScale: UInt8, Equatable, Sendable {
  /// |X|, or the square root of a sum of powers.
  case magnitude
  /// |X|², or a sum of them.
  case power
  /// ln(power + floor).
  case logarithm
}

/// The statistics of a window that are features, in this order, one bit each.
public struct StatisticSet: Equatable, Sendable {
  /// Bit i stands for statistic i.
  public let bits: UInt16

  /// How many statistics there are.
  public static let statisticCount = 8

  /// - Returns: `nil` when it is empty or has a bit of no statistic.
  public init?(bits: UInt16) {
    guard bits != 0, bits < 1 << Self.statisticCount else { return nil }
    self.bits = bits
  }

  /// Whether statistic `index` is among them.
  public func contains(_ index: Int) -> Bool { bits >> UInt16(index) & 1 == 1 }

  /// How many are among them.
  public var count: Int { bits.nonzeroBitCount }

  /// The name contracts call a statistic by.
  public static func name(_ index: Int) -> StaticString {
    switch index {
    case 0: "mean"
    case 1: "standard_deviation"
    case 2: "rms"
    case 3: "minimum"
    case 4: "maximum"
    case 5: "zero_crossings"
    case 6: "skewness"
    default: "kurtosis"
    }
  }
}
