import Acquisition
import Inference
import LinuxPlatform
import ModelCommands
import ModelFormat
import Pipeline
import Sensors
import Text

/// How fast a recording is replayed.
enum ReplayPace {
  case realTime
  case asFastAsPossible
}

/// Where samples come from.
enum SampleSourceKind {
  case sensors
  case replay(path: FilePath, pace: ReplayPace)
}

/// A configuration with its model, checked as far as that goes without touching devices, and the
/// memory it takes to run it.
///
/// Made before anything starts, and again at each SIGHUP beside the running one: what is made can be
/// switched to without a way to fail.
struct Preparation: ~Copyable {
  let file: ConfigurationFile
  let settings: Settings
  let source: SampleSourceKind
  /// The model file. Copied and not mapped: a file that is overwritten in place while it is mapped
  /// would change the model under the engine, or end the process.
  let model: MemoryRegion
  var arena: MemoryRegion
  var ring: MemoryRegion

  init(_ path: FilePath) throws(CommandFailure) {
    let file = try ConfigurationFile.reading(path)
    let settings = try Settings(file)
    let source = try Self.source(file)
    let model = try Self.load(settings.modelPath)
    let sizes = try Self.check(file, settings, source, model)
    let arena = try allocate(sizes.arena, for: settings.modelPath)
    let ring = try allocate(sizes.ring, for: settings.modelPath)
    self.file = file
    self.settings = settings
    self.source = source
    self.model = model
    self.arena = arena
    self.ring = ring
  }

  private static func load(_ path: FilePath) throws(CommandFailure) -> MemoryRegion {
    try naming(path) { () throws(PlatformError) in
      let file = try FileDescriptor(reading: path)
      let byteCount = try file.byteCount()
      guard byteCount > 0 else { throw PlatformError.emptyFile }
      var memory = try MemoryRegion(byteCount: byteCount)
      guard try memory.fill(0..<byteCount, from: file) == byteCount else {
        throw PlatformError.emptyFile
      }
      return memory
    }
  }

  /// Everything about configuration and model together.
  private static func check(
    _ file: borrowing ConfigurationFile, _ settings: borrowing Settings,
    _ source: SampleSourceKind, _ memory: borrowing MemoryRegion
  ) throws(CommandFailure) -> (arena: Int, ring: Int) {
    let model = try checkedModel(memory, settings.modelPath)
    guard let contract = model.contract else { preconditionFailure("just checked") }
    if case .sensors = source {
      let setups = try SensorSetups(file, contractRate: contract.rateMillihertz)
      _ = try ChannelBinding(file, model, setups)
    }
    _ = try GPIOOutputs(file, model)
    return (Engine.memoryByteCount(for: model), PredictionPipeline.memoryByteCount(for: model))
  }

  private static func source(
    _ file: borrowing ConfigurationFile
  ) throws(CommandFailure) -> SampleSourceKind {
    for index in 0..<file.count(.sensor) {
      guard let section = file.index(.sensor, index),
        let type = file.entry("type", inSection: section),
        file.value(of: type).equals("replay")
      else { continue }
      return try replay(file, section)
    }
    return .sensors
  }

  private static func replay(
    _ file: borrowing ConfigurationFile, _ section: Int
  ) throws(CommandFailure) -> SampleSourceKind {
    let known: StaticString = "type, path, pace"
    for ordinal in 0..<file.entryCount(inSection: section) {
      guard let entry = file.entry(ordinal, inSection: section),
        !known.lists(file.name(of: entry))
      else { continue }
      throw file.failure(line: entry.line) {
        $0.append("unknown key \"")
        $0.append(visible: file.name(of: entry))
        $0.append("\" in ")
        file.appendTitle(ofSection: section, to: &$0)
        $0.append("; known: ")
        $0.append(known)
      }
    }
    guard file.count(.sensor) == 1, file.count(.channel) == 0 else {
      throw file.failure(line: file.section(section).line) {
        file.appendTitle(ofSection: section, to: &$0)
        $0.append(": a replay stands for all sensors and finds the channels by their names; ")
        $0.append("remove the other [sensor …] and all [channel …]")
      }
    }
    let path = try file.path(file.required("path", inSection: section, example: "recording.csv"))
    guard let pace = file.entry("pace", inSection: section) else {
      return .replay(path: path, pace: .realTime)
    }
    if file.value(of: pace).equals("real-time") { return .replay(path: path, pace: .realTime) }
    if file.value(of: pace).equals("as-fast-as-possible") {
      return .replay(path: path, pace: .asFastAsPossible)
    }
    throw file.refusal(of: pace) { $0.append("known: real-time, as-fast-as-possible") }
  }
}

/// A model in memory, checked for streams of samples.
@_lifetime(borrow memory)
func checkedModel(
  _ memory: borrowing MemoryRegion, _ path: FilePath
) throws(CommandFailure) -> Model {
  let model: Model
  do throws(ModelError) {
    model = try Model(memory.bytes)
  } catch {
    throw CommandFailure(error, file: path)
  }
  do throws(PipelineModelError) {
    try PipelineModelError.check(model)
  } catch {
    throw CommandFailure(error, file: path)
  }
  return model
}
