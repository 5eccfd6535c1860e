import Hardware

/// A line whose level and changes a test decides.
struct ScriptedLine: DigitalInput {
  var current = false
  var edges: [DigitalEdge] = []
  var failure: BusError?

  /// A line with changes at moments, in microseconds; each the opposite of the one before.
  init(toggling microseconds: [UInt64] = [], from level: Bool = false) {
    current = level
    toggle(microseconds)
  }

  /// More changes.
  mutating func toggle(_ microseconds: [UInt64]) {
    for moment in microseconds {
      current.toggle()
      edges.append(DigitalEdge(level: current, nanoseconds: moment * 1_000))
    }
  }

  mutating func level() throws(BusError) -> Bool {
    if let failure { throw failure }
    return current
  }

  mutating func nextEdge() throws(BusError) -> DigitalEdge? {
    if let failure { throw failure }
    return edges.isEmpty ? nil : edges.removeFirst()
  }
}

/// An output that notes what was written to it.
struct ScriptedOutput: DigitalOutput {
  var written: [Bool] = []
  /// What a short circuit makes of it.
  var forced: Bool?
  var failure: BusError?

  mutating func set(_ level: Bool) throws(BusError) {
    if let failure { throw failure }
    written.append(level)
  }

  mutating func level() throws(BusError) -> Bool {
    if let failure { throw failure }
    return forced ?? written.last ?? false
  }
}
