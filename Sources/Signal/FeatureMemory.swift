import ModelFormat

/// Where in the extractor's memory each part is, in bytes.
///
///     samples: Float × decimated length │ for each block of spectra: transform │ weights: Float ×
///     frame length
enum FeatureMemory {
  /// Bytes for all of it.
  static func byteCount(for plan: borrowing Preprocessing) -> Int {
    transform(plan.blockCount, of: plan)
  }

  /// Where the transform of block `index` keeps its roots and its result.
  static func transform(_ index: Int, of plan: borrowing Preprocessing) -> Int {
    var offset = aligned(4 * plan.decimatedLength)
    for previous in 0..<index {
      guard case .spectrum(let block) = plan.block(previous) else { continue }
      offset += transformByteCount(block) + aligned(4 * block.frameLength)
    }
    return offset
  }

  /// Where the weights of the frames of block `index` are.
  static func weights(_ index: Int, of plan: borrowing Preprocessing) -> Int {
    guard case .spectrum(let block) = plan.block(index) else { return 0 }
    return transform(index, of: plan) + transformByteCount(block)
  }

  private static func transformByteCount(_ block: SpectrumBlock) -> Int {
    aligned(RealFFT.byteCount(length: block.transformLength))
  }

  private static func aligned(_ offset: Int) -> Int { (offset + 15) / 16 * 16 }
}
