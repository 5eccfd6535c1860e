import Foundation
import Interchange
import Text

/// The files NumPy wrote (scripts/make_npy_fixtures.py).
enum NumpyFixture {
  static func bytes(_ name: String) throws -> [UInt8] {
    let url = Bundle.module.bundleURL.appendingPathComponent("Fixtures/\(name).npy")
    return [UInt8](try Data(contentsOf: url))
  }

  static let good = [
    "good-int8-2x3", "good-uint8-4", "good-int32-2x1x2", "good-int64-2", "good-float32-3",
    "good-float64-2", "good-float32-scalar", "good-float32-0x5", "good-int8-1x1x1x1x1x1x1x2",
    "good-int8-2x3-v2", "good-int8-2x3-v3", "good-int8-long-header",
  ]
}

/// The header's bytes as the writer makes them.
func written(_ header: NumpyHeader) -> [UInt8] {
  var buffer = TextBuffer<512>()
  header.append(to: &buffer)
  return buffer.bytes.indices.map { buffer.bytes[$0] }
}
