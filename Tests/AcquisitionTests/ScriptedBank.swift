import Acquisition
import Hardware
import Sensors

/// What a sensor of a test does at a moment.
enum Answer {
  case value(Float)
  case nothingNew
  case failure(SensorError)
}

/// Sensors and a clock under the control of a test. Actions take `actionNanoseconds` each.
final class Script {
  var now: UInt64 = 1_000_000_000
  var actionNanoseconds: UInt64 = 0
  /// What a sensor answers at a time; `nil` is the time in seconds as the value.
  var answer: (_ sensor: Int, _ now: UInt64) -> Answer? = { _, _ in nil }
  var start: (_ sensor: Int, _ now: UInt64) -> Result<StartProgress, SensorError> = { _, _ in
    .success(.ready)
  }
  /// Moments of all actions by sensor.
  var reads: [[UInt64]] = Array(repeating: [], count: 16)
  var triggers: [[UInt64]] = Array(repeating: [], count: 16)
  var starts: [[UInt64]] = Array(repeating: [], count: 16)
}

struct ScriptedBank: SensorBank, ~Copyable {
  let script: Script

  func now() -> UInt64 { script.now }

  mutating func start(_ sensor: Int) throws(SensorError) -> StartProgress {
    script.starts[sensor].append(script.now)
    let result = script.start(sensor, script.now)
    script.now += script.actionNanoseconds
    return try result.get()
  }

  mutating func trigger(_ sensor: Int) throws(SensorError) {
    script.triggers[sensor].append(script.now)
    script.now += script.actionNanoseconds
  }

  mutating func read(
    _ sensor: Int, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    script.reads[sensor].append(script.now)
    let answer = script.answer(sensor, script.now)
    script.now += script.actionNanoseconds
    switch answer {
    case .failure(let error): throw error
    case .nothingNew: return .nothingNew
    case .value(let value): reading[0] = value
    case nil: reading[0] = Float(script.now) / 1e9
    }
    return .reading
  }
}

/// A schedule with its sensors, run as the daemon runs it.
struct Rehearsal: ~Copyable {
  let script = Script()
  var acquisition: Acquisition
  private var bank: ScriptedBank
  private(set) var samples: [(time: Double, values: [Float], qualities: [ChannelQuality])] = []
  private(set) var gaps: UInt64 = 0

  /// One channel for each sensor unless `channels` says otherwise.
  init(
    sampleRate: Int, sensors: [(rate: Int, conversion: UInt64)], channels: [ChannelSource]? = nil
  ) {
    let timings = sensors.map {
      SensorTiming(rateMillihertz: $0.rate, conversionNanoseconds: $0.conversion)
    }
    let sources = channels ?? sensors.indices.map { ChannelSource(sensor: $0, quantity: 0) }
    acquisition = Acquisition(
      sampleRateMillihertz: sampleRate, origin: script.now, sensors: timings.span,
      channels: sources.span)
    bank = ScriptedBank(script: script)
  }

  /// Runs until a time after the beginning.
  ///
  /// - Parameter oversleep: How late a wake-up is.
  mutating func run(
    seconds: Double, oversleep: (UInt64) -> UInt64 = { _ in 0 }
  ) {
    let end = script.now + UInt64(seconds * 1e9)
    while true {
      let deadline = acquisition.nextDeadline
      guard deadline < end else { break }
      script.now = max(script.now, deadline + oversleep(deadline))
      step()
    }
    script.now = max(script.now, end)
  }

  /// One wake-up.
  mutating func step() {
    acquisition.service(&bank)
    var sample = Sample()
    switch acquisition.assemble(into: &sample, at: script.now) {
    case .notDue: return
    case .sample: break
    case .sampleAfterGap(let skipped): gaps += skipped
    }
    let channels = 0..<acquisition.channelCount
    samples.append(
      (sample.time, channels.map { sample[$0] }, channels.map { sample[quality: $0] }))
  }
}
