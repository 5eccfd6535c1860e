import Hardware
import Journal
import Sensors
import Text

/// Logs the changes of lines that ask for it. Those that come faster than anybody would read them
/// are left out, and counted by the queue of their sensor.
struct EdgeRecords {
  /// How many of each sensor may still be logged before the next refill.
  private var allowances = InlineArray<16, Int>(repeating: Self.perTick)

  private static let perTick = 16

  /// To be called once a second.
  mutating func refill() { allowances = InlineArray(repeating: Self.perTick) }

  /// Makes a record of each change that waits.
  mutating func tell(
    _ bank: inout DeviceBank, sensorCount: Int, _ context: inout DaemonContext
  ) {
    for index in 0..<sensorCount {
      while allowances[index] > 0, let entry = bank.takeEdge(index) {
        allowances[index] -= 1
        context.record(.edge) { line in
          var name = TextBuffer<64>()
          bank.appendName(index, to: &name)
          line.field("sensor", string: name.bytes)
          line.field("level", integer: entry.edge.level ? 1 : 0)
          line.field("edge_mono_ns", integer: entry.edge.nanoseconds)
          if entry.leftOut > 0 { line.field("left_out", integer: UInt64(entry.leftOut)) }
        }
      }
    }
  }
}
