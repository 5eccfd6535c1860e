import ModelFormat
import Testing

@testable import Signal

@Suite("Transforms")
struct SpectrumTests {
  @Test("Transforms agree with numpy's, impulses and constants among them")
  func transforms() {
    for vector in Vectors.all.transforms {
      let length = vector.samples.count
      var memory = [UInt8](repeating: 0xA5, count: RealFFT.byteCount(length: length) + 24)
      var span = memory.mutableSpan
      var bytes = unsafe span.mutableBytes
      // Not at the beginning, and twice: a transform leaves the roots as they are.
      let transform = RealFFT(length: length, at: 24)
      transform.prepare(in: &bytes)
      for _ in 0..<2 {
        for index in 0..<length { transform.put(vector.samples[index], at: index, in: &bytes) }
        transform.transform(in: &bytes)
      }
      let largest = max(vector.real.map(abs).max() ?? 0, 1)
      for k in 0...length / 2 {
        let real = abs(Double(transform.real(k, in: bytes)) - vector.real[k])
        let imaginary = abs(Double(transform.imaginary(k, in: bytes)) - vector.imaginary[k])
        #expect(real <= 3e-7 * largest, "bin \(k) of \(length)")
        #expect(imaginary <= 3e-7 * largest, "bin \(k) of \(length)")
      }
    }
  }

  @Test("Lengths are powers of two from 16 to 4096")
  func lengths() {
    #expect([16, 64, 4096].allSatisfy(RealFFT.isLength))
    #expect(![0, 8, 24, 1000, 8192].contains(where: RealFFT.isLength))
  }

  @Test(
    "Weights agree with scipy's",
    arguments: [
      ("rectangular", WindowFunction.rectangular), ("hann", .hann), ("hamming", .hamming),
    ]
  )
  func windows(name: String, function: WindowFunction) throws {
    let expected = try #require(Vectors.all.windows[name])
    for (index, weight) in expected.enumerated() {
      #expect(abs(Double(function.weight(index, of: expected.count)) - weight) < 1e-7)
    }
  }
}
