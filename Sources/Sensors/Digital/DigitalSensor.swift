import Hardware

/// Something measured on one GPIO line.
///
/// The line is handed in with each call. Times are nanoseconds of the monotonic clock, the one the
/// kernel stamps edges with.
public protocol DigitalSensor: Sendable {
  /// What one reading holds, in order.
  var quantities: Quantities { get }

  /// Takes the changes the kernel has queued. To be called when there are some, so that its queue
  /// does not overflow between two readings.
  mutating func collect(
    from line: inout some DigitalInput & ~Copyable, at now: UInt64
  ) throws(SensorError)

  /// What is there to say at a moment.
  mutating func read(
    from line: inout some DigitalInput & ~Copyable, at now: UInt64, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress

  /// Takes a setting of the configuration that only this kind of sensor has.
  mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult
}

extension DigitalInput where Self: ~Copyable {
  /// Hands over the queued changes, oldest first; at most 1,024 of them, so that a line that
  /// oscillates cannot hold up the caller. The others come with the next call.
  mutating func forEachEdge(_ body: (DigitalEdge) -> Void) throws(SensorError) {
    var left = 1_024
    while left > 0 {
      let edge: DigitalEdge?
      do { edge = try nextEdge() } catch { throw .bus(error) }
      guard let edge else { return }
      body(edge)
      left -= 1
    }
  }
}
