/// The compensation in floating point, as the BME280 datasheet has it beside the integers (appendix
/// A): other formulas than those of the driver, for the same words.
enum BME280Oracle {
  struct Words {
    var t: [Double]
    var p: [Double]
    var h: [Double]
  }

  static func fineTemperature(_ raw: Double, _ words: Words) -> Double {
    let linear = (raw / 16384 - words.t[0] / 1024) * words.t[1]
    let difference = raw / 131_072 - words.t[0] / 8192
    return linear + difference * difference * words.t[2]
  }

  static func pascals(_ raw: Double, fine: Double, _ words: Words) -> Double {
    let p = words.p
    var first = fine / 2 - 64000
    var second = first * first * p[5] / 32768
    second += first * p[4] * 2
    second = second / 4 + p[3] * 65536
    first = (p[2] * first * first / 524_288 + p[1] * first) / 524_288
    first = (1 + first / 32768) * p[0]
    let linear = (1_048_576 - raw - second / 4096) * 6250 / first
    let quadratic = p[8] * linear * linear / 2_147_483_648
    return linear + (quadratic + linear * p[7] / 32768 + p[6]) / 16
  }

  static func percent(_ raw: Double, fine: Double, _ words: Words) -> Double {
    let h = words.h
    let t = fine - 76800
    let measured = raw - (h[3] * 64 + h[4] / 16384 * t)
    let gain = h[1] / 65536 * (1 + h[5] / 67_108_864 * t * (1 + h[2] / 67_108_864 * t))
    let linear = measured * gain
    return min(max(linear * (1 - h[0] * linear / 524_288), 0), 100)
  }
}
