/// Values over time on the way to a path.
struct SeriesPoint {
  /// From 0 to 1.
  let x: Double
  let value: Double
}

/// Turns values into lines and bands that break where there is nothing.
struct SeriesPath {
  let scale: ValueScale
  /// Points further apart are not joined.
  let reach: Double

  /// - Parameter points: All points of the chart; the typical distance between two decides what is
  ///   a break.
  init(_ points: [SeriesPoint], scale: ValueScale) {
    self.scale = scale
    let distances = zip(points.dropFirst(), points).map { $0.x - $1.x }.sorted()
    reach = distances.isEmpty ? 0 : max(distances[distances.count / 2] * 3.5, 0.012)
  }

  /// A line; points alone become short dashes.
  func line(_ points: [SeriesPoint]) -> PathText {
    var path = PathText()
    for piece in pieces(points) {
      guard let first = piece.first else { continue }
      path.move(first.x - (piece.count == 1 ? 0.002 : 0), scale.fraction(first.value))
      for point in piece.dropFirst() { path.line(point.x, scale.fraction(point.value)) }
      if piece.count == 1 { path.line(first.x + 0.002, scale.fraction(first.value)) }
    }
    return path
  }

  /// What is between two lines with points at the same places.
  func band(_ lower: [SeriesPoint], _ upper: [SeriesPoint]) -> PathText {
    var path = PathText()
    var start = 0
    for piece in pieces(lower) {
      let bottom = lower[start..<start + piece.count]
      let top = upper[start..<start + piece.count]
      start += piece.count
      guard let low = bottom.first, let high = top.first else { continue }
      if piece.count == 1 {
        let (a, b) = (scale.fraction(low.value), scale.fraction(high.value))
        path.rectangle(low.x - 0.002...low.x + 0.002, min(a, b)...max(a, b))
        continue
      }
      path.move(high.x, scale.fraction(high.value))
      for point in top.dropFirst() { path.line(point.x, scale.fraction(point.value)) }
      for point in bottom.reversed() { path.line(point.x, scale.fraction(point.value)) }
      path.close()
    }
    return path
  }

  private func pieces(_ points: [SeriesPoint]) -> [[SeriesPoint]] {
    var pieces: [[SeriesPoint]] = []
    for point in points {
      if let last = pieces.last?.last, point.x - last.x <= reach {
        pieces[pieces.count - 1].append(point)
      } else {
        pieces.append([point])
      }
    }
    return pieces
  }
}
