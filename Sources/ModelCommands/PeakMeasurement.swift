import Inference
import LinuxPlatform

/// What the kernels of a variant could do at most, measured.
struct PeakMeasurement {
  private let loop: PeakLoop
  private let threadCount: Int
  /// Multiply-accumulates a nanosecond (GMAC/s) of all threads.
  private(set) var speed = 0.0

  /// Measures one thread and takes it `threadCount` times.
  init(of variant: KernelVariant, threadCount: Int) {
    loop = PeakLoop(of: variant)
    self.threadCount = threadCount
    measure()
  }

  /// Measures once more, and keeps the fastest. To be called when the model has run: a clock that
  /// was slow before it had work is fast by then.
  ///
  /// Takes up to some milliseconds, always with the same number of instructions: they drop out
  /// where those of two runs are counted.
  mutating func measure() {
    let rounds: Int32 = 4_096
    let count = Double(loop.multiplyAccumulateCount * Int(rounds) * threadCount)
    for _ in 0..<64 {
      let start = MonotonicClock.now()
      loop.run(rounds: rounds)
      speed = max(speed, count / max(1, Double(MonotonicClock.now() - start)))
    }
  }

  /// Of the peak, in percent.
  func percentage(of multiplyAccumulateCount: Int64, nanoseconds: Double) -> Double {
    100 * Double(multiplyAccumulateCount) / (max(1, nanoseconds) * speed)
  }
}
