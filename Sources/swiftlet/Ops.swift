import ArgumentParser
import Conversion

/// `swiftlet ops`: the operators that can be converted.
struct Ops: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the operators that can be converted, with their options.")

  func run() {
    let entries = OperatorCatalog.entries
    let names = entries.map(\.name.count).max() ?? 0
    let types = entries.map(\.types.count).max() ?? 0
    print("\(pad("operator", names))  \(pad("types", types))  options")
    for entry in entries {
      print("\(pad(entry.name, names))  \(pad(entry.types, types))  \(entry.options)")
    }
  }
}
