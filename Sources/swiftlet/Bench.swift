import ArgumentParser

/// placeholder
struct Bench: ParsableCommand {
  func run() throws {}
}
