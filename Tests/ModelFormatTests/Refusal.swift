import ModelFormat
import TestSupport
import Testing

/// A change that makes a valid model invalid, and the error it must give.
struct Refusal: CustomTestStringConvertible, Sendable {
  let testDescription: String
  var base = Base.everySection
  let reason: ModelError.Reason
  var section: SectionKind?
  var record: Int?
  /// Where the error is, in the changed file.
  let offset: @Sendable (ModelPatch) -> Int
  var repairsChecks = true
  let change: @Sendable (inout ModelPatch) -> Void

  enum Base: Sendable {
    case everySection, withBaseline, dense, banded

    var bytes: [UInt8] {
      switch self {
      case .everySection: ModelFixtures.everySection.bytes
      case .withBaseline: ModelFixtures.withBaseline
      case .dense: ModelFixtures.dense.bytes
      case .banded: ModelFixtures.banded.bytes
      }
    }
  }

  var bytes: [UInt8] {
    let patch = changed
    return repairsChecks ? patch.repaired : patch.bytes
  }

  var changed: ModelPatch {
    var patch = ModelPatch(base.bytes)
    change(&patch)
    return patch
  }

  /// Field `field` of the header set to `value`.
  static func header(
    _ what: String, _ reason: ModelError.Reason, _ field: Int, to value: Int, byteCount: Int = 4,
    at offset: Int? = nil
  ) -> Refusal {
    Refusal(testDescription: what, reason: reason, offset: { _ in offset ?? field }) {
      $0.set(value, at: field, byteCount: byteCount)
    }
  }

  /// Field `field` of tensor `index` set to `value`; the error may be about an operator that uses it.
  static func tensor(
    _ what: String, _ reason: ModelError.Reason, _ index: Int, _ field: Int, to value: Int,
    byteCount: Int = 4, at place: Int? = nil, base: Base = .everySection,
    isOfOperator user: Int? = nil
  ) -> Refusal {
    Refusal(
      testDescription: what, base: base, reason: reason,
      section: user == nil ? .tensors : .operators, record: user ?? index,
      offset: { patch in
        user.map { patch.operator($0, 0) } ?? patch.tensor(index, place ?? field)
      }
    ) { $0.set(value, at: $0.tensor(index, field), byteCount: byteCount) }
  }

  /// Field `field` of operator `index` set to `value`. The reader names the field, the engine the
  /// record: `place`.
  static func `operator`(
    _ what: String, _ reason: ModelError.Reason, _ index: Int, _ field: Int, to value: Int,
    byteCount: Int = 4, at place: Int? = nil, base: Base = .everySection
  ) -> Refusal {
    Refusal(
      testDescription: what, base: base, reason: reason, section: .operators, record: index,
      offset: { $0.operator(index, place ?? field) }
    ) { $0.set(value, at: $0.operator(index, field), byteCount: byteCount) }
  }

  /// The number at `field` of section `kind` set to `value`.
  static func section(
    _ what: String, _ reason: ModelError.Reason, _ kind: SectionKind, _ field: Int, to value: Int,
    byteCount: Int = 4, at place: Int? = nil, record: Int? = nil
  ) -> Refusal {
    Refusal(
      testDescription: what, reason: reason, section: kind, record: record,
      offset: { $0.start(kind) + (place ?? field) }
    ) { $0.set(value, at: $0.start(kind) + field, byteCount: byteCount) }
  }

  /// Field `field` of the first group set to `value`.
  static func group(
    _ what: String, _ reason: ModelError.Reason, _ field: Int, to value: Int
  ) -> Refusal {
    Refusal(
      testDescription: what, base: .banded, reason: reason, section: .bands, record: 0,
      offset: { $0.start(.bands) + field }
    ) { $0.set(value, at: $0.start(.bands) + field) }
  }

  /// The number at `field` of the baseline set to `value`.
  static func baseline(
    _ what: String, _ reason: ModelError.Reason, _ field: Int, to value: Int,
    at place: Int? = nil, record: Int? = nil
  ) -> Refusal {
    Refusal(
      testDescription: what, base: .withBaseline, reason: reason, section: .baseline,
      record: record, offset: { $0.start(.baseline) + (place ?? field) }
    ) { $0.set(value, at: $0.start(.baseline) + field) }
  }
}
