import Hardware
import LinuxPlatform
import ModelCommands
import ModelFormat
import Pipeline
import Sensors
import Text

/// What an output of a configuration shows.
enum OutputMeaning {
  /// The decision is this class.
  case decision(Int)
  /// There is a drift alarm.
  case drift
}

/// The `[output NAME]` lines of a configuration: active while what they stand for is the case.
///
/// A line that cannot be had or set is tried again with each change and each tick; the daemon goes
/// on without it.
struct GPIOOutputs: ~Copyable {
  /// How many there are.
  let count: Int

  private var meanings: InlineArray<16, OutputMeaning>
  private var sections: InlineArray<16, Int>
  private var lines: InlineArray<16, GPIOOutput?>
  private var switches: InlineArray<16, SwitchedOutput>
  private var isFailing: InlineArray<16, Bool>

  init(
    _ file: borrowing ConfigurationFile, _ model: borrowing Model
  ) throws(CommandFailure) {
    count = file.count(.output)
    meanings = InlineArray(repeating: .drift)
    sections = InlineArray(repeating: 0)
    lines = InlineArray { _ in nil }
    switches = InlineArray(repeating: SwitchedOutput())
    isFailing = InlineArray(repeating: false)
    for index in 0..<count {
      guard let section = file.index(.output, index) else { continue }
      try LineSettings.check(file, section)
      sections[index] = section
      meanings[index] = try Self.meaning(file, section, model)
    }
  }

  private static func meaning(
    _ file: borrowing ConfigurationFile, _ section: Int, _ model: borrowing Model
  ) throws(CommandFailure) -> OutputMeaning {
    if let entry = file.entry("alarm", inSection: section) {
      guard file.entry("class", inSection: section) == nil else {
        throw file.failure(line: entry.line) {
          file.appendTitle(ofSection: section, to: &$0)
          $0.append(" has class and alarm; keep one of them")
        }
      }
      if file.value(of: entry).equals("drift") { return .drift }
      throw file.refusal(of: entry) { $0.append("known: drift") }
    }
    let entry = try file.required("class", inSection: section, example: "LABEL")
    let classCount = model.tensor(model.output(0)).shape.elementCount
    for index in 0..<classCount {
      let name = ClassName(index, of: copy model)
      if name.bytes.equals(file.value(of: entry)) { return .decision(index) }
    }
    throw file.refusal(of: entry) {
      $0.append("the model's classes are: ")
      for index in 0..<min(classCount, 40) {
        if index > 0 { $0.append(", ") }
        let name = ClassName(index, of: copy model)
        $0.append(visible: name.bytes)
      }
    }
  }

  /// Sets all lines as things are.
  mutating func update(
    decision: Int?, hasDriftAlarm: Bool, _ file: borrowing ConfigurationFile
  ) {
    for index in 0..<count {
      let level =
        switch meanings[index] {
        case .decision(let expected): decision == expected
        case .drift: hasDriftAlarm
        }
      drive(index, level, file)
    }
  }

  private mutating func drive(_ index: Int, _ level: Bool, _ file: borrowing ConfigurationFile) {
    if lines[index] == nil { open(index, level, file) }
    guard var line = lines[index].take() else { return }
    let result = outcome { () throws(SensorError) in
      try switches[index].drive(level, on: &line)
    }
    if case .failure(let error) = result {
      tell(index, file) { error.describe(into: &$0) }
      return
    }
    lines[index] = consume line
    isFailing[index] = false
  }

  private mutating func open(_ index: Int, _ level: Bool, _ file: borrowing ConfigurationFile) {
    let section = sections[index]
    do throws(GPIOError) {
      let line = try GPIOLine.find(LineSettings.choice(file, section, "chip", "line"))
      lines[index] = try GPIOOutput(
        line, initially: level, activeLow: LineSettings.isActiveLow(file, section),
        drive: LineSettings.drive(file, section))
      switches[index] = SwitchedOutput()
    } catch {
      tell(index, file) { error.describe(into: &$0) }
    }
  }

  /// Says that an output does not work, once until it does again.
  private mutating func tell(
    _ index: Int, _ file: borrowing ConfigurationFile,
    _ describe: (inout TextBuffer<2048>) -> Void
  ) {
    guard !isFailing[index] else { return }
    isFailing[index] = true
    LogLine.write(.error) {
      $0.append("output ")
      $0.append(visible: file.name(ofSection: sections[index]))
      $0.append(": ")
      describe(&$0)
      $0.append("; it is tried again")
    }
  }
}
