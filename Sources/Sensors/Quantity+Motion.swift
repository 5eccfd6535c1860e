extension Quantity {
  static let accelerationX = Quantity("acceleration_x", unit: "m/s²")
  static let accelerationY = Quantity("acceleration_y", unit: "m/s²")
  static let accelerationZ = Quantity("acceleration_z", unit: "m/s²")
  static let angularVelocityX = Quantity("angular_velocity_x", unit: "rad/s")
  static let angularVelocityY = Quantity("angular_velocity_y", unit: "rad/s")
  static let angularVelocityZ = Quantity("angular_velocity_z", unit: "rad/s")
}

extension Quantities {
  /// The quantities in order, as many as are given.
  init(
    listing first: Quantity, _ second: Quantity? = nil, _ third: Quantity? = nil,
    _ fourth: Quantity? = nil, _ fifth: Quantity? = nil, _ sixth: Quantity? = nil,
    _ seventh: Quantity? = nil
  ) {
    let given: InlineArray<6, Quantity?> = [second, third, fourth, fifth, sixth, seventh]
    var items = InlineArray<8, Quantity>(repeating: first)
    var count = 1
    for index in given.indices {
      guard let quantity = given[index] else { break }
      items[count] = quantity
      count += 1
    }
    self.init(items, count: count)
  }
}

/// Conversions that several devices share.
enum StandardUnit {
  /// Metres per second squared in one g, the standard acceleration (CGPM 1901), exact by definition.
  static let gravity: Float = 9.806_65

  /// Radians in one degree.
  static let degree: Float = 0.017_453_292_5
}
