import Foundation

/// A thermometer's air that warms or cools steadily, from the start of the object until `end`, however
/// long the test waits for what the board makes of it.
///
/// A thread sets the temperature ten times a second; the board's monitor is its own until the end.
final class TemperatureRamp: @unchecked Sendable {
  /// What the air is not to leave, in degrees Celsius: the range of the thermometers.
  private static let limits = -40.0...120.0

  private let board: Emulator
  private let lock = NSLock()
  private let ended = DispatchSemaphore(value: 0)
  private var celsius: Double
  private var hasEnded = false

  /// - Parameters:
  ///   - start: Degrees Celsius.
  ///   - slope: Degrees a second.
  init(_ board: Emulator, from start: Double, perSecond slope: Double) {
    self.board = board
    celsius = start
    let began = ContinuousClock.now
    let thread = Thread { [self] in
      while lock.withLock({ !hasEnded }) {
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        let now = min(max(start + slope * seconds, Self.limits.lowerBound), Self.limits.upperBound)
        try? self.board.setTemperature(milliCelsius: Int((now * 1000).rounded()))
        lock.withLock { celsius = now }
        Thread.sleep(forTimeInterval: 0.1)
      }
      ended.signal()
    }
    thread.start()
  }

  /// Holds the temperature from now on.
  ///
  /// - Returns: The temperature in degrees Celsius.
  @discardableResult
  func end() -> Double {
    let isFirst = lock.withLock {
      defer { hasEnded = true }
      return !hasEnded
    }
    if isFirst { ended.wait() }
    return lock.withLock { celsius }
  }
}
