import Conversion
import ModelFormat
import TestSupport
import Testing

/// Groups that no converter would write.
@Suite("Groups of operators")
struct BandVerifierTests {
  @Test("run, and their output may take the place of rows that are read no more")
  func accepted() throws {
    try GuardedRun().run(ModelFixtures.banded.bytes)
    for rows in 1...7 {
      for offset in [0, 16] {
        var sketch = ModelFixtures.banded
        sketch.extras = [(.bands, ModelFixtures.bands([Self.group(0, 2, rows)]))]
        sketch.tensors[2].offset = offset
        #expect(refusal(sketch) == nil, "\(rows) rows, output at \(offset)")
      }
    }
  }

  @Test("may not follow each other in another order or overlap")
  func order() {
    for groups in [
      [Self.group(1, 1, 2), Self.group(0, 1, 2)], [Self.group(0, 2, 2), Self.group(1, 1, 2)],
      [Self.group(0, 2, 2), Self.group(0, 2, 2)],
    ] {
      var sketch = ModelFixtures.banded
      sketch.extras = [(.bands, ModelFixtures.bands(groups))]
      #expect(refusal(sketch) == .badBands, "\(groups)")
    }
  }

  @Test("leave no band tensor to operators outside")
  func strangers() {
    var sketch = ModelFixtures.banded
    sketch.extras = []
    #expect(refusal(sketch) == .brokenChain)
    sketch = ModelFixtures.banded
    sketch.outputs = [1]
    #expect(refusal(sketch) != nil)
    sketch = ModelFixtures.banded
    sketch.operators[1].inputs = [0]
    #expect(refusal(sketch) != nil)
  }

  @Test("have no operator that works on whole tensors")
  func wholeTensors() {
    var sketch = ModelFixtures.banded
    sketch.operators[0] = .init("whole", .copy, [0], output: 1)
    #expect(refusal(sketch) == .brokenChain)
  }

  @Test("have no more bands than the format allows")
  func bandCount() {
    var sketch = ModelFixtures.banded
    for index in 0..<3 { sketch.tensors[index].shape = [1, 5000, 1, 1] }
    (sketch.tensors[0].offset, sketch.tensors[1].offset) = (0, 10_016)
    (sketch.tensors[2].offset, sketch.arenaByteCount) = (5_008, 10_032)
    sketch.extras = [(.bands, ModelFixtures.bands([Self.group(0, 2, 1)]))]
    #expect(refusal(sketch) == .badBands)
    sketch.extras = [(.bands, ModelFixtures.bands([Self.group(0, 2, 2)]))]
    #expect(refusal(sketch) == nil)
  }

  private static func group(_ first: Int, _ count: Int, _ rows: Int) -> BandGroup {
    BandGroup(firstOperator: first, operatorCount: count, rowsPerBand: rows)
  }

  private func refusal(_ sketch: ModelSketch) -> ModelError.Reason? {
    do throws(ModelError) {
      try GuardedRun().run(sketch.bytes)
      return nil
    } catch {
      return error.reason
    }
  }
}
