import Foundation
import ModelFormat
import Testing

@testable import Report

@Suite struct PageTests {
  static let model = ModelFacts(
    fileName: "room.swl", check: 0x1234_abcd, formatVersion: "1.0",
    contract: .init(rateHertz: 4, window: 32, hop: 4),
    channels: [.init(name: "temperature", unit: "°C"), .init(name: "window", unit: "level")],
    labels: ["Quiet", "Heating", "Airing", "Draught"], baseline: nil,
    card:
      "# Room <b>\n\nSee [docs](https://example.org) & `a<b`.\n\n| x | y |\n|---|--:|\n| 1 | <i> |",
    provenance: [])

  private func page(_ digest: LogDigest, model: ModelFacts? = nil) -> String {
    String(
      decoding: ReportPage(digest, model: model, title: nil, version: "9.9").html, as: UTF8.self)
  }

  /// The elements that are open at the end, or where an end does not match; empty when all is well.
  private func unbalanced(_ html: String) -> [String] {
    var open: [String] = []
    var rest = html[...]
    while let start = rest.firstIndex(of: "<") {
      guard let end = rest[start...].firstIndex(of: ">") else { return ["<"] }
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      let name = tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }
      if tag.hasPrefix("/") {
        guard open.last == String(name) else { return open + ["/\(name)"] }
        open.removeLast()
      } else if !tag.hasSuffix("/"), !tag.hasPrefix("!"), !["meta", "hr"].contains(name) {
        open.append(String(name))
      }
    }
    return open
  }

  @Test func `what a log says is text and nothing else`() throws {
    let hostile = "<script>alert(1)</script>&\"'\u{0}\u{1b}[31m\u{202E}gnp"
    try withLogFolder { folder in
      var log = try LogSketch(folder: folder)
      log.start()
      log.prediction(
        0, class: hostile, probability: 0.9, decision: hostile, latencyMicroseconds: 1,
        of: [hostile])
      log.decision(hostile, before: nil, heldSeconds: 1)
      log.sensor(hostile, event: "failed", text: hostile)
      var health = LogSketch.Health()
      health.sensors = [(hostile, false, 1, 1)]
      log.health(health)
      log.close()
      let html = page(try digest(of: folder), model: Self.model)
      #expect(!html.contains("<script"))
      #expect(!html.contains("\u{1b}") && !html.contains("\u{202E}") && !html.contains("\u{0}"))
      #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;"))
      #expect(html.contains("␛[31m"))
      #expect(unbalanced(html) == [])
    }
  }

  @Test func `the page needs no network and no script`() throws {
    try withLogFolder { folder in
      var log = try LogSketch(folder: folder)
      log.start(check: 0x1234_abcd)
      for number in 0..<500 {
        log.wait(1)
        log.prediction(
          number, class: "Quiet", probability: 0.9, decision: "Quiet", latencyMicroseconds: 400)
      }
      log.close()
      let digest = try digest(of: folder)
      try digest.requireMadeWith(Self.model)
      let html = page(digest, model: Self.model)
      for forbidden in ["<script", "src=", "href=\"http", "@import", "url("] {
        #expect(!html.contains(forbidden), "\(forbidden)")
      }
      #expect(html.contains("prefers-color-scheme:dark"))
      #expect(html.contains("Room &lt;b&gt;"))
      #expect(html.contains("docs (https://example.org) &amp; <code>a&lt;b</code>"))
      #expect(unbalanced(html) == [])
    }
  }

  @Test func `a damaged segment gives an honest report`() throws {
    try withLogFolder { folder in
      var log = try LogSketch(folder: folder)
      for number in 0..<100 {
        log.wait(1)
        log.prediction(
          number, class: "Quiet", probability: 0.9, decision: nil, latencyMicroseconds: 1)
      }
      log.close()
      let name = try #require(
        try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".jsonl") }
      )
      let file = URL(fileURLWithPath: folder + "/" + name)
      var bytes = try Data(contentsOf: file)
      bytes[bytes.count / 2] ^= 0x20
      try bytes.write(to: file)
      let digest = try digest(of: folder)
      #expect(digest.predictions.count == 99)
      #expect(digest.integrity.unexplainedCount == 1)
      let html = page(digest)
      #expect(html.contains("The log is damaged in 1 place"))
      #expect(html.contains(name))
      #expect(unbalanced(html) == [])
    }
  }

  @Test func `empty sections say what would fill them`() {
    let html = page(LogDigest())
    #expect(html.contains("No predictions in this period."))
    #expect(html.contains("swiftlet baseline MODEL.swl"))
    #expect(html.contains("health-interval"))
    #expect(unbalanced(html) == [])
  }

  @Test func `another model is refused with both identities`() throws {
    try withLogFolder { folder in
      var log = try LogSketch(folder: folder)
      log.start(check: 0xdead_beef)
      log.prediction(
        0, class: "Walking", probability: 0.9, decision: nil, latencyMicroseconds: 1)
      log.close()
      let digest = try digest(of: folder)
      let error = #expect(throws: ModelMismatch.self) { try digest.requireMadeWith(Self.model) }
      #expect(error?.description.contains("deadbeef") == true)
      #expect(error?.description.contains("1234abcd") == true)
    }
  }

  @Test func `without a check, names of classes tell models apart`() throws {
    try withLogFolder { folder in
      var log = try LogSketch(folder: folder)
      log.prediction(
        0, class: "Walking", probability: 0.9, decision: nil, latencyMicroseconds: 1)
      log.close()
      let digest = try digest(of: folder)
      let error = #expect(throws: ModelMismatch.self) { try digest.requireMadeWith(Self.model) }
      #expect(error?.description.contains("Walking") == true)
    }
  }
}

@Suite struct ScaleTests {
  @Test func `ticks are round numbers that enclose the values`() {
    for (low, high) in [(0.0, 1.0), (17.3, 23.9), (-0.004, 0.013), (1e6, 1.2e6), (5, 5)] {
      let scale = ValueScale.linear(low...high)
      #expect(scale.lower <= low && scale.upper >= high)
      #expect((3...9).contains(scale.ticks.count))
      #expect(Set(scale.ticks.map(\.label)).count == scale.ticks.count)
    }
    #expect(ValueScale.linear(17.3...23.9).ticks.map(\.label) == ["16", "18", "20", "22", "24"])
    #expect(ValueScale.niceStep(0.3) == 0.5)
  }

  @Test func `times on the axis are round, the day stands once`() {
    let day: Int64 = 86_400_000_000_000
    let begin: Int64 = 1_793_491_200_000_000_000  // 2026-11-01
    let hours = TimeAxis.ticks(from: begin, to: begin + day / 2)
    #expect(
      hours.map(\.label) == ["00:00", "02:00", "04:00", "06:00", "08:00", "10:00", "12:00"])
    #expect(hours.map(\.note) == ["1 Nov", "", "", "", "", "", ""])
    let days = TimeAxis.ticks(from: begin + 1, to: begin + 5 * day)
    #expect(days.map(\.label) == ["2 Nov", "3 Nov", "4 Nov", "5 Nov", "6 Nov"])
    let years = TimeAxis.ticks(from: begin, to: begin + 900 * day)
    #expect((3...7).contains(years.count))
    #expect(years.allSatisfy { (0...1).contains($0.fraction) })
  }

  @Test func `numbers read as people write them`() {
    #expect(Wording.number(1_234_567) == "1,234,567")
    #expect(Wording.value(20.6734, digits: 4) == "20.67")
    #expect(Wording.value(-0.5) == "−0.5")
    #expect(Wording.percent(1, of: 1_000_000) == "<\u{A0}0.01\u{A0}%")
    #expect(Wording.percent(999_999, of: 1_000_000) == ">\u{A0}99.9\u{A0}%")
    #expect(Wording.duration(90_061) == "25 h 1 min")
    #expect(Wording.microseconds(4320) == "4.32 ms")
  }

  @Test func `an emphasis without an end costs no more than its text`() {
    let text = MarkdownText(String(repeating: "[*`", count: 20_000)).markup.text
    #expect(text.hasPrefix("<p>"))
  }
}
