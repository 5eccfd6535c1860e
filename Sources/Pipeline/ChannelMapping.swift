import Acquisition
import Interchange
import ModelFormat
import Text

/// Which column of a recording feeds which channel of a model.
///
/// Columns are found by name, in whatever order they are; `time_s` holds seconds. Other columns are
/// ignored. A unit given in the header must be the contract's, letter for letter: a model trained on
/// m/s² says something about g, only nothing true.
public struct ChannelMapping: Sendable {
  /// The name of the column of seconds.
  public static let timeColumnName: StaticString = "time_s"

  /// The column of seconds.
  public let timeColumn: Int

  private var columns = InlineArray<127, UInt8>(repeating: 0)

  /// Finds the columns in a header.
  ///
  /// - Parameters:
  ///   - model: A model with a contract of at most `Sample.maximumChannelCount` channels.
  ///   - reader: A reader that has just read the header.
  public init<Source: ByteSource & ~Copyable>(
    _ model: borrowing Model, header reader: borrowing CSVReader<Source>
  ) throws(ChannelMappingError) {
    let time = Self.timeColumnName.withUTF8Span { Self.column($0, reader) }
    guard time.count > 0 else {
      throw ChannelMappingError(.missingTime, copy model, reader)
    }
    guard time.count == 1 else {
      throw ChannelMappingError(.repeatedColumn, copy model, reader, column: time.last)
    }
    timeColumn = time.last
    for index in 0..<(model.contract?.channelCount ?? 0) {
      let channel = model.channel(index)
      let found = Self.column(Span(_bytes: model.text(channel.name)), reader)
      guard found.count > 0 else {
        throw ChannelMappingError(.missingColumn, copy model, reader, channel: index)
      }
      guard found.count == 1 else {
        throw ChannelMappingError(.repeatedColumn, copy model, reader, column: found.last)
      }
      let unit = ColumnTitle(reader.cell(found.last)).unit
      guard unit.isEmpty || unit.equals(Span(_bytes: model.text(channel.unit))) else {
        throw ChannelMappingError(
          .unitMismatch, copy model, reader, channel: index, column: found.last)
      }
      columns[index] = UInt8(found.last)
    }
  }

  /// The column of a channel.
  public subscript(channel: Int) -> Int { Int(columns[channel]) }

  /// How many columns have a name, and the last of them.
  private static func column<Source: ByteSource & ~Copyable>(
    _ name: borrowing Span<UInt8>, _ reader: borrowing CSVReader<Source>
  ) -> (count: Int, last: Int) {
    var found = (count: 0, last: 0)
    for column in 0..<reader.columnCount
    where ColumnTitle(reader.cell(column)).name.equals(name) {
      found = (found.count + 1, column)
    }
    return found
  }
}

/// Why the columns of a recording do not fit a model.
public struct ChannelMappingError: Error, Sendable {
  /// What does not fit.
  public enum Kind: Equatable, Sendable {
    case missingTime
    case missingColumn
    case repeatedColumn
    case unitMismatch
  }

  /// What does not fit.
  public let kind: Kind

  /// The column it is about, from 1; 0 for a missing one.
  public let column: Int

  private var name = TextBuffer<64>()
  private var fileUnit = TextBuffer<64>()
  private var modelUnit = TextBuffer<64>()
  private var fileColumns = TextBuffer<512>()
  private var modelChannels = TextBuffer<512>()

  init<Source: ByteSource & ~Copyable>(
    _ kind: Kind, _ model: Model, _ reader: borrowing CSVReader<Source>, channel: Int? = nil,
    column: Int? = nil
  ) {
    self.kind = kind
    self.column = column.map { $0 + 1 } ?? 0
    if let channel {
      let record = model.channel(channel)
      name.append(visible: Span(_bytes: model.text(record.name)))
      modelUnit.append(visible: Span(_bytes: model.text(record.unit)))
    }
    if let column {
      let title = ColumnTitle(reader.cell(column))
      if channel == nil { name.append(visible: title.name) }
      fileUnit.append(visible: title.unit)
    }
    for column in 0..<reader.columnCount {
      if column > 0 { fileColumns.append(", ") }
      fileColumns.append(visible: reader.cell(column))
    }
    for index in 0..<(model.contract?.channelCount ?? 0) {
      if index > 0 { modelChannels.append(", ") }
      let record = model.channel(index)
      modelChannels.append(visible: Span(_bytes: model.text(record.name)))
      modelChannels.append(" (")
      modelChannels.append(visible: Span(_bytes: model.text(record.unit)))
      modelChannels.append(")")
    }
  }

  /// Appends place, what is wrong and what to try.
  public func describe(into sink: inout some TextSink & ~Copyable) {
    sink.append("line 1")
    if column > 0 {
      sink.append(", column ")
      sink.append(column)
    }
    sink.append(": ")
    switch kind {
    case .missingTime:
      sink.append("no column \"")
      sink.append(ChannelMapping.timeColumnName)
      sink.append("\" with the time of each sample in seconds")
      describeBothSides(into: &sink)
    case .missingColumn:
      sink.append("no column \"")
      sink.append(name.bytes)
      sink.append("\" for that channel of the model")
      describeBothSides(into: &sink)
    case .repeatedColumn:
      sink.append("a second column \"")
      sink.append(name.bytes)
      sink.append("\"; rename or remove one of them")
    case .unitMismatch:
      sink.append("\"")
      sink.append(name.bytes)
      sink.append("\" is in \"")
      sink.append(fileUnit.bytes)
      sink.append("\", the model was trained on \"")
      sink.append(modelUnit.bytes)
      sink.append("\"; convert the readings, or correct the unit in the header")
    }
  }

  private func describeBothSides(into sink: inout some TextSink & ~Copyable) {
    sink.append("; rename or add it (the file has: ")
    sink.append(fileColumns.bytes)
    sink.append(fileColumns.overflowed ? "…" : "")
    sink.append("; the model takes: ")
    sink.append(modelChannels.bytes)
    sink.append(modelChannels.overflowed ? "…)" : ")")
  }
}

#if !hasFeature(Embedded)
  extension ChannelMappingError: CustomStringConvertible {
    /// The sentence of `describe(into:)`.
    public var description: String { String { describe(into: &$0) } }
  }
#endif
