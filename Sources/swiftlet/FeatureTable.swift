import Acquisition
import Interchange
import ModelFormat
import Pipeline
import Text

/// What a model's input takes of every window of some recordings.
struct FeatureTable {
  /// The shape of one window's input, without its leading 1.
  let shape: [Int]
  /// Windows, one after another.
  private(set) var windowCount = 0

  private let elementType: ElementType
  private let isTimeFirst: Bool
  private var bytes: [UInt8] = []

  /// Cuts recordings into windows and computes their features.
  init(model modelBytes: [UInt8], file: String, recordings: [String]) throws {
    let memory = HostBytes(modelBytes)
    let model: Model
    do throws(ModelError) {
      model = try Model(UnsafeRawBufferPointer(memory.memory).bytes)
    } catch {
      throw Failure(error, file: file)
    }
    do throws(PipelineModelError) {
      try PipelineModelError.check(model)
    } catch {
      throw Failure("\(file): " + String { error.describe(into: &$0) })
    }
    let tensor = model.tensor(model.input(0))
    elementType = tensor.elementType
    let dimensions = (0..<tensor.shape.rank).map { Int(tensor.shape[$0]) }
    shape = dimensions.first == 1 ? Array(dimensions.dropFirst()) : dimensions
    isTimeFirst = model.preprocessing?.isTimeFirst ?? true
    for path in recordings { try append(path, model) }
    withExtendedLifetime(memory) {}
    guard windowCount > 0 else {
      throw Failure(
        "\(recordings.joined(separator: ", ")): no window is complete; a window has "
          + "\(model.contract?.windowLength ?? 0) samples without a gap")
    }
  }

  private mutating func append(_ path: String, _ model: borrowing Model) throws {
    let csv = try Files.read(path)
    do throws(RecordingError<Never>) {
      try append(csv, model)
    } catch {
      throw Failure("\(path): " + String { error.describe(into: &$0) })
    }
  }

  private mutating func append(
    _ csv: [UInt8], _ model: borrowing Model
  ) throws(RecordingError<Never>) {
    guard let contract = model.contract else { preconditionFailure("checked before") }
    let ring = HostBytes(
      byteCount: SampleWindow.ringByteCount(
        channelCount: contract.channelCount, length: contract.windowLength))
    let scratch = HostBytes(byteCount: InputStage.byteCount(for: model))
    let input = HostBytes(byteCount: model.tensor(model.input(0)).byteCount)
    var window = SampleWindow(
      channelCount: contract.channelCount, length: contract.windowLength, hop: contract.hop,
      policy: WindowPolicy(), ring: ring.memory.mutableBytes)
    var stage = InputStage(copy model, memory: scratch.memory.mutableBytes)
    var recording = try Recording(BytesInMemory(csv), model: model)
    var sample = Sample()
    reading: while true {
      switch try recording.next(into: &sample) {
      case .end: break reading
      case .sampleAfterGap: window.restart()
      case .sample: break
      }
      guard window.push(sample) else { continue }
      var span = input.memory.mutableBytes
      stage.fill(&span, from: window)
      bytes += input.memory.prefix(model.tensor(model.input(0)).byteCount)
      windowCount += 1
    }
    withExtendedLifetime((ring, scratch, input)) {}
  }

  // MARK: What becomes of it

  /// Mean and standard deviation of each feature of each channel, and the features that are
  /// constant.
  func statistics(
    channelCount: Int, file: String
  ) throws -> (means: [[Double]], deviations: [[Double]], constant: [(channel: Int, feature: Int)])
  {
    let values = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    let perWindow = values.count / windowCount
    let featureCount = perWindow / channelCount
    var result: (means: [[Double]], deviations: [[Double]], constant: [(Int, Int)]) = ([], [], [])
    for channel in 0..<channelCount {
      var means: [Double] = []
      var deviations: [Double] = []
      for feature in 0..<featureCount {
        let place =
          isTimeFirst ? feature * channelCount + channel : channel * featureCount + feature
        let column = (0..<windowCount).map { Double(values[$0 * perWindow + place]) }
        let mean = column.reduce(0, +) / Double(windowCount)
        let variance =
          column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(windowCount)
        let isConstant = Float(variance.squareRoot()) == 0
        if isConstant { result.constant.append((channel, feature)) }
        means.append(mean)
        deviations.append(isConstant ? 1 : variance.squareRoot())
      }
      result.means.append(means)
      result.deviations.append(deviations)
    }
    return result
  }

  /// The table as a `.npy` file of windows × shape.
  func numpyFile() throws -> [UInt8] {
    let type: NumpyElementType =
      switch elementType {
      case .int8: .int8
      case .uint8: .uint8
      case .int32: .int32
      case .int64: .int64
      case .float32: .float32
      }
    var dimensions = NumpyShape()
    for dimension in [windowCount] + shape { dimensions.append(dimension) }
    var header = TextBuffer<512>()
    try NumpyHeader(elementType: type, shape: dimensions).append(to: &header)
    let text = header.bytes
    return text.indices.map { text[$0] } + bytes
  }
}
