import ModelFormat
import TestSupport
import Testing
import Text

@Suite("A model file is refused for")
struct ModelRefusalTests {
  @Test("its reason, at its place", arguments: Refusal.all)
  func reasonAndPlace(_ refusal: Refusal) throws {
    try GuardedRun().run(refusal.base.bytes)
    let error = #expect(throws: ModelError.self) { try GuardedRun().run(refusal.bytes) }
    #expect(error?.reason == refusal.reason)
    #expect(error?.section == refusal.section)
    #expect(error?.record == refusal.record)
    #expect(error?.offset == refusal.offset(refusal.changed))
  }

  @Test("every reason there is, except those that are not about the file")
  func everyReason() {
    let aboutMemory: Set<ModelError.Reason> = [
      .arenaTooSmall, .arenaAddressMisaligned, .modelAddressMisaligned,
    ]
    let tested = Set(Refusal.all.map(\.reason))
    #expect(tested.union(aboutMemory) == Set(ModelError.Reason.allCases))
  }

  @Test("a reason that is told with its place")
  func message() throws {
    let refusal = try #require(Refusal.all.first { $0.reason == .wrongByteCount })
    let error = try #require(throws: ModelError.self) { try GuardedRun().run(refusal.bytes) }
    let place = refusal.offset(refusal.changed)
    #expect(
      String { error.describe(into: &$0) }
        == "byte \(place) (tensors record 0): a tensor's size in bytes does not fit its shape "
        + "(found 7, expected 8)")
  }
}
