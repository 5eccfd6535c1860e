import Foundation

/// A random generator whose numbers depend on its seed alone (SplitMix64).
struct Randomness {
  private var state: UInt64
  private var spare: Double?

  init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// 0 ..< 1.
  mutating func uniform() -> Double { Double(bits() >> 11) * 0x1p-53 }

  /// Normal with mean 0 and variance 1 (polar method).
  mutating func normal() -> Double {
    if let value = spare {
      spare = nil
      return value
    }
    while true {
      let (u, v) = (2 * uniform() - 1, 2 * uniform() - 1)
      let square = u * u + v * v
      guard square > 0, square < 1 else { continue }
      let factor = (-2 * log(square) / square).squareRoot()
      spare = v * factor
      return u * factor
    }
  }
}

/// Where undrifted samples come from; standard deviation 1, mean 0, but for recordings.
enum ProcessKind: String, CaseIterable {
  case independent, ar50, ar90, ar98, daily, heart

  var title: String {
    switch self {
    case .independent: "independent"
    case .ar50: "AR(1), ρ = 0.5"
    case .ar90: "AR(1), ρ = 0.9"
    case .ar98: "AR(1), ρ = 0.98"
    case .daily: "daily cycle + AR(1), ρ = 0.9"
    case .heart: "recorded pulse wave"
    }
  }
}

/// Samples of one channel, one after another.
struct Process {
  /// Samples of a day in `.daily`.
  static let day = 8640

  private let kind: ProcessKind
  private var random: Randomness
  private var value: Double
  private var time: Int
  private let phase: Double
  private let recording: Recording?
  private var place = 0
  private var left = 0

  init(_ kind: ProcessKind, seed: Int, time: Int = 0, recording: Recording? = nil) {
    self.kind = kind
    random = Randomness(seed: seed)
    value = random.normal()
    self.time = time
    phase = 0.7
    self.recording = recording
  }

  mutating func next() -> Double {
    time += 1
    switch kind {
    case .independent: return random.normal()
    case .ar50: return autoregress(0.5)
    case .ar90: return autoregress(0.9)
    case .ar98: return autoregress(0.98)
    case .daily:
      // Half of the variance is the cycle's.
      let angle = 2 * Double.pi * Double(time % Self.day) / Double(Self.day) + phase
      return sin(angle) + 0.70710678 * autoregress(0.9)
    case .heart: return nextOfRecording()
    }
  }

  private mutating func autoregress(_ correlation: Double) -> Double {
    value =
      correlation * value + (1 - correlation * correlation).squareRoot() * random.normal()
    return value
  }

  /// Pieces of the recording in random order: what is normal stays so for years.
  private mutating func nextOfRecording() -> Double {
    guard let recording else { return 0 }
    if left == 0 {
      left = recording.pieceLength
      place = Int(random.bits() % UInt64(recording.samples.count - left))
    }
    defer {
      place += 1
      left -= 1
    }
    return recording.samples[place]
  }
}

/// A recorded series.
struct Recording {
  let samples: [Double]
  /// Samples that stay together when the series is shuffled.
  let pieceLength: Int

  /// One number a line.
  init(path: String, pieceLength: Int) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    samples = text.split(whereSeparator: \.isNewline).compactMap { Double($0) }
    self.pieceLength = pieceLength
  }
}
