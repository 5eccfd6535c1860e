extension Layout {
  /// Byte offsets inside the preprocessing section; filters, blocks, edges and normalization follow.
  package enum Preprocessing {
    package static let filterCount = 0
    package static let blockCount = 4
    package static let edgeCount = 8
    package static let featureCount = 12
    package static let decimation = 16
    package static let detrend = 20
    package static let reserved = 24
    package static let filters = 32
  }

  /// Byte offsets inside a filter record.
  package enum Filter {
    package static let kind = 0
    package static let length = 4
    package static let coefficients = 8
    package static let stride = 48

    package static let movingAverage: UInt32 = 1
    package static let biquad: UInt32 = 2
  }

  /// Byte offsets inside a block of features.
  package enum Block {
    package static let kind = 0
    package static let window = 1
    package static let reduction = 2
    package static let scale = 3
    package static let statistics = 4
    package static let frameLength = 8
    package static let frameStep = 12
    package static let transformLength = 16
    package static let firstEdge = 20
    package static let edgeCount = 24
    package static let floor = 28
    package static let stride = 32

    package static let samples: UInt8 = 1
    package static let describing: UInt8 = 2
    package static let spectrum: UInt8 = 3
  }

  /// Byte offsets inside the normalization of one feature of one channel.
  package enum FeatureScale {
    package static let mean = 0
    package static let standardDeviation = 4
    package static let stride = 8
  }
}

extension Layout.Limits {
  package static let filters = 4
  package static let filterLength = 32
  package static let blocks = 8
  package static let edges = 1024
  package static let preprocessedWindow = 65_536
  package static let decimation = 64
  package static let transformLengths = 16...4096
  /// Frames times length of the transform of one block: what keeps a window's work bounded.
  package static let transformedSamples = 1 << 22
}
