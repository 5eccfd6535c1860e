import ModelFormat
import Testing

@testable import Signal

@Suite("Transforms")
struct SpectrumTests {
  @Test("Transforms agree with numpy's, impulses and constants among them")
  func transforms() {
    for vector in Vectors.all.transforms {
      let length = vector.samples.count
      // Samples, weights of 1, and the transform not at a multiple of its vectors.
      let place = 8 * length + 12
      var memory = [UInt8](repeating: 0xA5, count: place + RealFFT.byteCount(length: length))
      var span = memory.mutableSpan
      var bytes = unsafe span.mutableBytes
      let transform = RealFFT(length: length, at: place)
      transform.prepare(in: &bytes)
      // Twice: a transform leaves the roots as they are.
      for _ in 0..<2 {
        for (index, sample) in vector.samples.enumerated() {
          bytes.storeBytes(of: sample, toByteOffset: 4 * index, as: Float.self)
          bytes.storeBytes(of: 1, toByteOffset: 4 * (length + index), as: Float.self)
        }
        transform.transform(length, samplesAt: 0, weightsAt: 4 * length, in: &bytes)
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

  @Test(
    "A frame shorter than its transform is one with zeros behind it", arguments: [0, 1, 6, 31, 100])
  func shortFrames(count: Int) {
    let length = 128
    let samples = (0..<length).map { Float($0 * 29 % 17) - 8 }
    /// Powers of the transform of `count` samples; the numbers behind them are `rest`.
    func powers(_ count: Int, rest: Float) -> [Float] {
      var memory = [UInt8](repeating: 0, count: 8 * length + RealFFT.byteCount(length: length))
      var span = memory.mutableSpan
      var bytes = unsafe span.mutableBytes
      let transform = RealFFT(length: length, at: 8 * length)
      transform.prepare(in: &bytes)
      for index in 0..<length {
        let sample = index < count ? samples[index] : rest
        bytes.storeBytes(of: sample, toByteOffset: 4 * index, as: Float.self)
        bytes.storeBytes(of: 0.75, toByteOffset: 4 * (length + index), as: Float.self)
      }
      let taken = rest == 0 ? length : count
      transform.transform(taken, samplesAt: 0, weightsAt: 4 * length, in: &bytes)
      let parts = (0...length / 2).map {
        let (a, b) = (transform.real($0, in: bytes), transform.imaginary($0, in: bytes))
        return a * a + b * b
      }
      transform.turnIntoPowers(in: &bytes)
      let powers = (0...length / 2).map { transform.power($0, in: bytes) }
      #expect(powers == parts)
      return powers
    }
    // Behind a short frame there may be anything.
    #expect(powers(count, rest: .nan) == powers(count, rest: 0))
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
