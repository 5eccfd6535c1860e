import Hardware

extension SensorError {
  /// Runs a transfer, its error as one of a sensor.
  static func onBus<Result>(_ body: () throws(BusError) -> Result) throws(SensorError) -> Result {
    do throws(BusError) {
      return try body()
    } catch {
      throw .bus(error)
    }
  }
}
