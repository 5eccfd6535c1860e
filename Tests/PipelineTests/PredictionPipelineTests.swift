import Acquisition
import Foundation
import Journal
import ModelFormat
import Pipeline
import Testing
import Text

/// The expected outputs were made by TensorFlow Lite Micro from the same recording
/// (`scripts/train_imu_activity.py`).
@Suite struct PredictionPipelineTests {
  private struct Expected {
    var lastSampleTime: Double
    var label: String
    var outputs: [Int]
  }

  private static func expectations() throws -> [Expected] {
    let text = try String(decoding: SampleModel.file("recording.predictions.csv"), as: UTF8.self)
    return try text.split(separator: "\n").dropFirst().map { line in
      let cells = line.split(separator: ",")
      return Expected(
        lastSampleTime: try #require(Double(cells[1])), label: String(cells[3]),
        outputs: cells[4...].compactMap { Int($0) })
    }
  }

  @Test func theRecordingGivesThePredictionsOfTheReference() throws {
    let expectations = try Self.expectations()
    #expect(expectations.count == 77)
    try SampleModel.withPipeline { model, pipeline in
      let text = try String(decoding: SampleModel.file("recording.csv"), as: UTF8.self)
      var recording = try Recording(TextSource(text), model: model)
      var sample = Sample()
      var remaining = expectations[...]
      while case .sample = try recording.next(into: &sample) {
        guard case .prediction(let prediction) = pipeline.accept(sample) else { continue }
        let next = remaining.popFirst()
        let expected = try #require(next)
        let scores = (0..<pipeline.classCount).map { pipeline.score(ofClass: $0) }
        #expect(scores == expected.outputs.map { Float($0 + 128) / 256 })
        #expect(prediction.windowEnd == expected.lastSampleTime)
        #expect(abs(prediction.windowStart - (expected.lastSampleTime - 3.9)) < 1e-9)
        #expect(prediction.sequence == UInt64(77 - 1 - remaining.count))
        let name = string(ClassName(prediction.classIndex, of: copy model))
        #expect(name == expected.label)
      }
      #expect(remaining.isEmpty)
      let (samples, gaps) = (recording.sampleCount, recording.gapCount)
      #expect(samples == 800)
      #expect(gaps == 0)
    }
  }

  @Test func aGapStartsANewWindow() throws {
    try SampleModel.withPipeline { model, pipeline in
      let header = "time_s,accel_x,accel_y,accel_z,gyro_x,gyro_y,gyro_z\n"
      // 60 samples, a pause of five seconds, 60 more.
      let rows = (0..<120).map { "\(Double($0) / 10 + ($0 < 60 ? 0 : 5)),1,2,3,4,5,6\n" }
      var recording = try Recording(TextSource(header + rows.joined()), model: model)
      var sample = Sample()
      var ends: [Double] = []
      reading: while true {
        switch try recording.next(into: &sample) {
        case .end: break reading
        case .sampleAfterGap: pipeline.restart()
        case .sample: break
        }
        if case .prediction(let prediction) = pipeline.accept(sample) {
          ends.append(prediction.windowEnd)
        }
      }
      #expect(ends == [3.9, 4.9, 5.9, 14.9, 15.9, 16.9])
      let gaps = recording.gapCount
      #expect(gaps == 1)
    }
  }

  @Test func aRecordIsOneLineOfJSON() throws {
    try SampleModel.withPipeline { model, pipeline in
      var prediction: Prediction?
      var sample = Sample()
      for index in 0..<40 {
        sample.time = Double(index) / 10
        if case .prediction(let made) = pipeline.accept(sample) { prediction = made }
      }
      let record = PredictionRecord(
        try #require(prediction), decision: nil, latencyMicroseconds: 412)
      var line = JSONLine(TextBuffer<1024>())
      line.begin()
      record.write(to: &line, model: model, pipeline: pipeline)
      line.end()
      let overflowed = line.overflowed
      #expect(!overflowed)
      let text = String { $0.append(line.bytes) }
      #expect(text.hasSuffix("}\n") && text.dropLast().allSatisfy { $0 != "\n" })
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      #expect(object["prediction"] as? Int == 0)
      #expect(object["window_end_s"] as? Double == 3.9)
      #expect(object["latency_us"] as? Int == 412)
      #expect(object["decision"] is NSNull)
      #expect(object["missing_samples"] == nil)
      let probabilities = try #require(object["probabilities"] as? [String: Double])
      #expect(
        Set(probabilities.keys) == ["Standing", "Walking", "Running", "Badminton"])
      let best = try #require(probabilities.max { $0.value < $1.value })
      #expect(object["class"] as? String == best.key)
      #expect(object["probability"] as? Double == best.value)
    }
  }

  private func string(_ name: borrowing ClassName) -> String {
    var text = ""
    text.append(name.bytes)
    return text
  }
}
