import Acquisition
import Interchange
import ModelFormat
import Pipeline
import Testing

@Suite struct RecordingTests {
  static let header = "time_s,accel_x,accel_y,accel_z,gyro_x,gyro_y,gyro_z\n"

  @Test(
    arguments: [
      (header + "0.5,1,2,3,4,5,6\n", [1, 2, 3, 4, 5, 6]),
      // Any order, other columns, units or none.
      (
        "gyro_z (as recorded),note,gyro_y,gyro_x,time_s,accel_z,accel_y,accel_x (as recorded)\n"
          + "6,text,5,4,0.5,3,2,1\n", [1, 2, 3, 4, 5, 6]
      ),
      // Single precision, rounded once from the nearest double.
      (header + "0.5,0.1,-3e-3,1e10,16777217,.5,+7\n", [0.1, -3e-3, 1e10, 16_777_216, 0.5, 7]),
    ] as [(String, [Float])])
  func columnsAreFoundByName(text: String, expected: [Float]) throws {
    try SampleModel.withModel { model in
      var recording = try Recording(TextSource(text), model: model)
      var sample = Sample()
      guard case .sample = try recording.next(into: &sample) else {
        Issue.record("no sample")
        return
      }
      #expect(sample.time == 0.5)
      #expect((0..<6).map { sample[$0] } == expected)
      guard case .end = try recording.next(into: &sample) else {
        Issue.record("no end")
        return
      }
    }
  }

  @Test(arguments: [
    ("", "there is no header"),
    ("accel_x,accel_y,accel_z,gyro_x,gyro_y,gyro_z\n", "no column \"time_s\""),
    ("time_s,accel_x,accel_y,accel_z,gyro_x,gyro_y\n", "no column \"gyro_z\""),
    (
      "time_s,accel_x (g),accel_y,accel_z,gyro_x,gyro_y,gyro_z\n",
      "line 1, column 2: \"accel_x\" is in \"g\", the model was trained on \"as recorded\""
    ),
    ("time_s,time_s,accel_x\n", "line 1, column 2: a second column \"time_s\""),
    (
      "time_s,accel_x,accel_y,accel_z,gyro_x,gyro_y,gyro_z,accel_x\n",
      "line 1, column 8: a second column \"accel_x\""
    ),
    (header + "0,1,2,x,4,5,6\n", "line 2, column 4: \"x\" is not a number"),
    (header + "0,1,2,3,4,5,nan\n", "line 2, column 7: \"nan\" is not a finite number"),
    (header + ",1,2,3,4,5,6\n", "line 2, column 1: the cell is empty"),
    (header + "0,1,2,3,4,5\n", "line 2: 6 cells where the header has 7"),
    (
      header + "1,1,2,3,4,5,6\n0.9,1,2,3,4,5,6\n",
      "line 3: the time 0.900000 s does not come after 1.000000 s"
    ),
    (
      header + "0,1,2,3,4,5,6\n0.02,1,2,3,4,5,6\n",
      "line 3: the samples are 0.020000 s apart, the model takes one every 0.100000 s"
    ),
  ])
  func whatDoesNotFitIsToldWithItsPlace(text: String, message: String) throws {
    try SampleModel.withModel { model in
      let problem = problem(in: text, model)
      #expect(problem.hasPrefix(message) || problem.contains(message), "\(problem)")
    }
  }

  @Test func bothSidesAreListedWhenAColumnIsMissing() throws {
    try SampleModel.withModel { model in
      let problem = problem(in: "time_s,acc_x,temperature\n", model)
      #expect(problem.contains("the file has: time_s, acc_x, temperature;"))
      #expect(problem.contains("the model takes: accel_x (as recorded), accel_y (as recorded)"))
    }
  }

  private func problem(in text: String, _ model: borrowing Model) -> String {
    do throws(RecordingError<Never>) {
      var recording = try Recording(TextSource(text), model: model)
      var sample = Sample()
      while true {
        if case .end = try recording.next(into: &sample) { return "no problem" }
      }
    } catch {
      switch error {
      case .content(let error): return error.description
      case .mapping(let error): return error.description
      case .time(let error): return String { error.describe(into: &$0) }
      }
    }
  }
}
