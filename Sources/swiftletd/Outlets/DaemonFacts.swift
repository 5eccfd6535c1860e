import Acquisition
import Journal
import LinuxPlatform
import LocalAPI
import Text

/// What outlets tell of, at one moment.
struct DaemonFacts {
  let now: UInt64
  let state: DaemonState
  let journal: JournalStatistics
  let condition: JournalCondition
  let clients: ClientStatistics
  let sample: Sample
  let sensorCount: Int

  /// Sensors that were given up for a pause.
  func failingSensorCount(_ sensor: (Int) -> SensorFacts) -> Int {
    var count = 0
    for index in 0..<sensorCount where sensor(index).task.isFailing { count += 1 }
    return count
  }

  var isJournalWriting: Bool { condition == .writing }
}

/// What outlets tell of a sensor.
struct SensorFacts {
  var name = TextBuffer<64>()
  let task: SensorTask
}
