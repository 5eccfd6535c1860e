import Journal
import Text

extension JSONLine where Storage: ~Copyable {
  /// Begins `{"ok":true,"id":7` in answer to a request; fields and `end()` follow.
  public mutating func beginAnswer(_ identifier: RequestIdentifier) {
    begin()
    field("ok", boolean: true)
    write(identifier)
  }

  /// Writes `{"ok":false,"id":7,"error":"…"}`, a whole line.
  public mutating func refuse(_ identifier: RequestIdentifier, _ text: borrowing Span<UInt8>) {
    begin()
    field("ok", boolean: false)
    write(identifier)
    field("error", string: text)
    end()
  }

  private mutating func write(_ identifier: RequestIdentifier) {
    switch identifier {
    case .none: break
    case .number(let number): field("id", integer: number)
    case .text(let text): field("id", string: text.bytes)
    }
  }
}
