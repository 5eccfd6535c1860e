import Conversion
import Inference
import ModelFormat
import TestSupport
import Testing

@Suite("Operators are verified before the first inference:")
struct OperatorVerifierTests {
  @Test("a well-formed one runs inside its memory", arguments: OperatorKind.allCases)
  func valid(_ kind: OperatorKind) throws {
    try GuardedRun().run(OperatorSketch.valid(kind).model.bytes)
  }

  @Test("one whose tensors or parameters do not fit is refused", arguments: BrokenOperator.all)
  func broken(_ broken: BrokenOperator) throws {
    var sketch = OperatorSketch.valid(broken.kind)
    broken.change(&sketch)
    let bytes = sketch.model.bytes
    let error = #expect(throws: ModelError.self) { try GuardedRun().run(bytes) }
    #expect(error?.reason == broken.reason)
    #expect(error?.section == .operators)
    #expect(error?.record == 0)
    #expect(error?.offset == ModelPatch(bytes).start(.operators))
  }

  @Test("every kind has a rule that is tested")
  func everyKind() {
    #expect(Set(BrokenOperator.all.map(\.kind)) == Set(OperatorKind.allCases))
  }

  @Test("any value of any parameter word is refused or runs", arguments: OperatorKind.allCases)
  func anyParameter(_ kind: OperatorKind) {
    let run = GuardedRun()
    let base = OperatorSketch.valid(kind)
    var values: [Int32] = (-9...9).map { $0 }
    for bit in 4..<31 { values += [1 << bit, 1 << bit - 1, -1 << bit] }
    for word in 0..<kind.wordCount {
      for value in values + [.max, .min] {
        var sketch = base
        sketch.words[word] = value
        do throws(ModelError) {
          try run.run(sketch.model.bytes)
        } catch {
          if error.section != .operators { Issue.record("word \(word) = \(value): \(error)") }
        }
      }
    }
  }

  @Test("any shape of any tensor is refused or runs", arguments: OperatorKind.allCases)
  func anyShape(_ kind: OperatorKind) {
    let run = GuardedRun()
    let base = OperatorSketch.valid(kind)
    let shapes = [
      [], [1], [2], [6], [16], [2, 3], [3, 2], [1, 6], [1, 1, 1, 1], [1, 2, 2, 4], [1, 4, 4, 2],
      [2, 2, 2, 2], [1, 1, 4, 4, 1], [2, 1, 1, 3, 1, 1],
    ]
    for shape in shapes {
      for index in 0...base.inputs.count {
        var sketch = base
        if index == base.inputs.count {
          sketch.output.shape = shape
        } else if base.inputs[index].storage == .arena {
          sketch.inputs[index].shape = shape
        }
        do throws(ModelError) {
          try run.run(sketch.model.bytes)
        } catch {
          if error.section != .operators { Issue.record("\(shape) for \(index): \(error)") }
        }
      }
    }
  }
}
