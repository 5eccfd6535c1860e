import ModelCommands
import Text

/// What is wrong with the form of a configuration file, and where.
struct ConfigurationProblem {
  enum Kind {
    case fileTooLong
    case tooManyKeys
    case lineTooLong
    case notUnderstood
    case keyOutsideSection
    case unknownSection
    case missingName
    case superfluousName
    case tooManySections(SectionKind)
    case unknownKey(StaticString)
    case repeatedKey
  }

  let kind: Kind
  let line: Int
  var section = TextBuffer<64>()
  var name = TextBuffer<64>()

  init(_ kind: Kind, line: Int) {
    self.kind = kind
    self.line = line
  }

  func describe(into sink: inout some TextSink & ~Copyable) {
    sink.append("line ")
    sink.append(line)
    sink.append(": ")
    switch kind {
    case .fileTooLong:
      sink.append("the file is longer than ")
      sink.append(ConfigurationFile.capacity)
      sink.append(" bytes; is it a configuration file?")
    case .tooManyKeys:
      sink.append("more than ")
      sink.append(ConfigurationFile.keyLimit)
      sink.append(" keys; remove some")
    case .lineTooLong:
      sink.append("the line is longer than ")
      sink.append(ConfigurationFile.maximumLineByteCount)
      sink.append(" bytes; shorten it")
    case .notUnderstood:
      sink.append("neither [section] nor key = value; correct it, or begin it with # if it is ")
      sink.append("a comment")
    case .keyOutsideSection:
      sink.append("a key before any section; known sections: ")
      sink.append(SectionKind.all)
    case .unknownSection:
      sink.append("unknown section ")
      appendSection(to: &sink)
      sink.append("; known: ")
      sink.append(SectionKind.all)
    case .missingName:
      appendSection(to: &sink)
      sink.append(" needs a name; write for example [")
      sink.append(section.bytes)
      sink.append(" first]")
    case .superfluousName:
      appendSection(to: &sink)
      sink.append(" takes no name; write only the word")
    case .tooManySections(let kind):
      sink.append("more than ")
      sink.append(kind.limit)
      sink.append(" sections [")
      sink.append(kind.name)
      sink.append(" NAME]; remove some")
    case .unknownKey(let known):
      sink.append("unknown key \"")
      sink.append(visible: name.bytes)
      sink.append("\" in ")
      appendSection(to: &sink)
      sink.append("; known: ")
      sink.append(known)
    case .repeatedKey:
      sink.append("\"")
      sink.append(visible: name.bytes)
      sink.append("\" was given in ")
      appendSection(to: &sink)
      sink.append(" before; keep one of them")
    }
  }

  private func appendSection(to sink: inout some TextSink & ~Copyable) {
    sink.append("[")
    sink.append(visible: section.bytes)
    sink.append("]")
  }
}
