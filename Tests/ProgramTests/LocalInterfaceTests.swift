import Foundation
import Testing

@Suite("The local interface of swiftletd")
struct LocalInterfaceTests {
  static let channels = ["accel_x", "accel_y", "accel_z", "gyro_x", "gyro_y", "gyro_z"]

  /// A daemon on six sensors that are files, all of them 0.5.
  final class Daemon {
    let folder: TemporaryFolder
    private let program: RunningProgram

    var socket: String { folder.url.appendingPathComponent("api").path }

    /// - Parameter rate: Samples a second.
    init(rate: Int = 10, sections: String = "[api]\nsocket = api\n") async throws {
      folder = try TemporaryFolder()
      let contract = try Sample.text("contract.json")
        .replacing("\"rate_hz\": 10,", with: "\"rate_hz\": \(rate),")
      try folder.write(contract, to: "contract.json")
      let converted = try await Program.swiftlet.run(
        "convert", Sample.path("imu-activity.tflite"), "-o", "model.swl", "--contract",
        "contract.json", "--labels", Sample.path("labels.txt"), in: folder)
      guard converted.status == 0 else { throw UnexpectedRefusal(message: converted.standardError) }
      var configuration = "[model]\npath = model.swl\n[log]\nfolder = log\n" + sections
      for channel in channels {
        try folder.write("0.5\n", to: channel)
        configuration += """
          [sensor s_\(channel)]
          type = file
          path = \(channel)
          unit = as recorded
          [channel \(channel)]
          sensor = s_\(channel)

          """
      }
      try folder.write(configuration, to: "swiftletd.conf")
      program = try Program.swiftletd.start(["run", "--config", "swiftletd.conf"], in: folder)
    }

    func client() throws -> SocketClient { try SocketClient(socket) }

    /// What the daemon has said so far.
    func messages() throws -> String { try program.messages() }

    /// Stops the daemon. Not before it has answered or told something: a signal that comes before the
    /// program listens to it is the end of it.
    func end() async throws -> Outcome {
      program.terminate()
      return try await outcome()
    }

    /// What the daemon left that ends by itself.
    func outcome() async throws -> Outcome { try await program.outcome() }
  }

  @Test("Questions are answered, with the number of the question")
  func questions() async throws {
    let daemon = try await Daemon()
    let client = try daemon.client()
    let model = try client.ask(#"{"op":"model","id":7}"#)
    #expect(model["ok"] as? Bool == true && model["id"] as? Int == 7)
    #expect(model["window"] as? Int == 40 && model["hop"] as? Int == 10)
    let names = (model["channels"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
    #expect(names == Self.channels)
    #expect(model["labels"] as? [String] == ["Standing", "Walking", "Running", "Badminton"])
    let health = try client.ask(#"{"op":"health","id":"h"}"#)
    #expect(health["status"] as? String == "ok" && health["id"] as? String == "h")
    #expect((health["sensors"] as? [String: Any])?.count == 6)
    let missed = try #require(health["deadlines_missed"] as? Int)
    #expect((health["text"] as? String)?.contains("6 sensors ok; \(missed) missed") == true)
    let subscribed = try client.ask(#"{"op":"subscribe","to":["predictions"]}"#)
    #expect(subscribed["topics"] as? [String] == ["predictions"])
    let event = try #require(try client.receive())
    #expect(event["topic"] as? String == "predictions" && event["ok"] == nil)
    let name = try #require(event["class"] as? String)
    let state = try client.ask(#"{"op":"state"}"#)
    let prediction = try #require(state["prediction"] as? [String: Any])
    #expect(prediction["class"] as? String == name)
    #expect(state["decision"] as? String == name)
    let readings = try #require(state["readings"] as? [String: Double])
    #expect(readings == Dictionary(uniqueKeysWithValues: Self.channels.map { ($0, 0.5) }))
    let statistics = try client.ask(#"{"op":"statistics"}"#)
    #expect((statistics["classes"] as? [String: Int])?[name] ?? 0 > 0)
    #expect((statistics["clients"] as? [String: Int])?["connected"] == 1)
    let outcome = try await daemon.end()
    #expect(outcome.status == 0, "\(outcome.standardError)")
    // What was told is what was logged.
    let logged = try #require(
      try DaemonLog(daemon.folder).records("prediction").first {
        $0["prediction"] as? Int == event["prediction"] as? Int
      })
    for (key, value) in logged where key != "seq" && key != "crc" {
      #expect(event[key] as? NSObject == value as? NSObject, "\(key)")
    }
    #expect(!daemon.folder.names.contains("api"), "the socket goes with the daemon")
  }

  @Test("Samples that are sent get the predictions of the reference")
  func batch() async throws {
    let rows = try Sample.text("recording.csv").split(whereSeparator: \.isNewline)[1...100]
      .map { "[" + $0.split(separator: ",").dropFirst().joined(separator: ",") + "]" }
    let expected = try Sample.text("recording.predictions.csv")
      .split(whereSeparator: \.isNewline).dropFirst().prefix(7).map { $0.split(separator: ",") }
    let daemon = try await Daemon()
    let client = try daemon.client()
    let request = #"{"op":"predict","samples":["# + rows.joined(separator: ",") + "]}"
    // Twice: nothing of one request is left for the next.
    for _ in 0..<2 {
      let answer = try client.ask(request)
      let windows = try #require(answer["windows"] as? [[String: Any]], "\(answer)")
      #expect(windows.count == 7)
      for (index, (window, cells)) in zip(windows, expected).enumerated() {
        #expect(window["first_sample"] as? Int == 10 * index)
        #expect(window["last_sample"] as? Int == 10 * index + 39)
        #expect(window["class"] as? String == String(cells[3]))
        let probabilities = try #require(window["probabilities"] as? [String: Double])
        let outputs = ReplayTests.labels.map {
          Int(((probabilities[$0] ?? .nan) * 256).rounded()) - 128
        }
        #expect(outputs == cells[4...].compactMap { Int($0) })
      }
    }
    let few = try client.ask(#"{"op":"predict","id":2,"samples":[[1,2,3,4,5,6]]}"#)
    #expect(few["ok"] as? Bool == false && few["id"] as? Int == 2)
    #expect((few["error"] as? String)?.contains("a window has 40") == true)
    let outcome = try await daemon.end()
    #expect(outcome.status == 0, "\(outcome.standardError)")
  }

  @Test("Lines that are no requests are refused, one by one and then for good")
  func nonsense() async throws {
    let daemon = try await Daemon()
    let client = try daemon.client()
    let error = try client.ask("GET / HTTP/1.1")
    #expect((error["error"] as? String)?.contains("send one JSON object a line") == true)
    client.send(raw: #"{"op":"#)
    usleep(50_000)
    let whole = try client.ask(#""health"}"#)
    #expect(whole["ok"] as? Bool == true)
    let long = try client.ask(String(repeating: "x", count: 100_000))
    #expect((long["error"] as? String)?.contains("the line is longer than 8191 bytes") == true)
    client.send(raw: String(repeating: "\n", count: 40))
    var count = 0
    while let line = try client.receive() {
      #expect(line["ok"] as? Bool == false)
      count += 1
    }
    #expect(count == 15, "the sixteenth mistake in a row ends the connection")
    // Whoever has sent everything still gets the answer.
    let hurried = try daemon.client()
    hurried.send(raw: #"{"op":"state"}"# + "\n")
    hurried.endSending()
    let last = try hurried.receive()
    #expect(last?["ok"] as? Bool == true)
    let end = try hurried.receive()
    #expect(end == nil)
    let outcome = try await daemon.end()
    #expect(outcome.status == 0, "\(outcome.standardError)")
  }

  @Test(
    "Requests that come together are all answered, between the samples", .timeLimit(.minutes(5)))
  func together() async throws {
    let daemon = try await Daemon(rate: 100)
    let client = try daemon.client()
    // A line waits for its turn in the daemon, where no event announces it: with so many, some turns
    // come right before a sample and have to be put off.
    let requests = (0..<300).map { #"{"op":"health","id":\#($0)}"# + "\n" }
    client.send(raw: requests.joined())
    for number in 0..<300 {
      let answer = try #require(try client.receive())
      #expect(answer["id"] as? Int == number)
    }
    let outcome = try await daemon.end()
    #expect(outcome.status == 0, "\(outcome.standardError)")
  }

  @Test("Only owner and group may connect")
  func permissions() async throws {
    let daemon = try await Daemon()
    _ = try daemon.client()
    let attributes = try FileManager.default.attributesOfItem(atPath: daemon.socket)
    #expect(attributes[.posixPermissions] as? Int == 0o660)
    _ = try await daemon.end()
  }

  @Test("A hundred clients that flood the socket cost no sample at 100 Hz")
  func flood() async throws {
    let daemon = try await Daemon(rate: 100)
    let listener = try daemon.client()
    _ = try listener.ask(#"{"op":"subscribe","to":["predictions"]}"#)
    // The one beside it, whom nobody bothers, tells what is the machine's doing.
    let undisturbed = try await Daemon(rate: 100)
    let observer = try undisturbed.client()
    func ask(_ client: SocketClient) throws -> Spent {
      try Spent(client.ask(#"{"op":"statistics"}"#))
    }
    let before = try (ask(listener), ask(observer))
    let path = daemon.socket
    // More than there are places: most are turned away and come again. Some never read.
    let group = DispatchGroup()
    for number in 0..<100 {
      group.enter()
      // Threads, since a hundred of them are to wait at once.
      Thread {
        Self.flood(path, number: number, until: .now + .seconds(4))
        group.leave()
      }.start()
    }
    await withCheckedContinuation { done in group.notify(queue: .global()) { done.resume() } }
    let after = try (ask(listener), ask(observer))
    #expect(after.0.refused > 0)
    // A sample is skipped when the loop comes a whole period late, which a machine that is busy with
    // other things causes as well; on one that is not, none is.
    let disturbed = after.0.since(before.0), quiet = after.1.since(before.1)
    #expect(disturbed.seconds > 3, "\(disturbed)")
    #expect(
      disturbed.missed <= disturbed.deadlines / 4 + quiet.missed,
      "\(disturbed), the other \(quiet)")
    #expect(
      disturbed.processorSeconds < disturbed.seconds,
      "serving is bounded, the daemon has to rest: \(disturbed)")
    for daemon in [daemon, undisturbed] {
      let outcome = try await daemon.end()
      #expect(outcome.status == 0, "\(outcome.standardError)")
    }
  }

  /// What a daemon at 100 Hz did so far.
  private struct Spent {
    var deadlines: Int
    var missed: Int
    let refused: Int
    var processorSeconds: Double

    var seconds: Double { Double(deadlines) / 100 }

    init(_ statistics: [String: Any]) throws {
      missed = try #require(statistics["deadlines_missed"] as? Int)
      deadlines = try #require(statistics["samples"] as? Int) + missed
      refused = try #require((statistics["clients"] as? [String: Int])?["refused"])
      processorSeconds = try #require(statistics["cpu_s"] as? Double)
    }

    func since(_ earlier: Spent) -> Spent {
      var spent = self
      spent.deadlines -= earlier.deadlines
      spent.missed -= earlier.missed
      spent.processorSeconds -= earlier.processorSeconds
      return spent
    }
  }

  private static func flood(_ path: String, number: Int, until end: ContinuousClock.Instant) {
    while ContinuousClock.now < end {
      guard let client = try? SocketClient(path, attempts: 1, patience: 10) else { continue }
      for _ in 0..<50 where ContinuousClock.now < end {
        let line = number % 3 == 0 ? "rubbish\n" : "{\"op\":\"statistics\"}\n"
        guard client.send(raw: line) else { break }
        if number % 2 == 0 { guard (try? client.receive()) != nil else { break } }
      }
    }
  }

  @Test("A client that never reads is dropped, the others go on")
  func silence() async throws {
    let daemon = try await Daemon()
    let silent = try daemon.client()
    silent.send(raw: String(repeating: #"{"op":"statistics"}"# + "\n", count: 400))
    let other = try daemon.client()
    let end = ContinuousClock.now + .seconds(120)
    var dropped = 0
    while dropped == 0, ContinuousClock.now < end {
      let clients = try other.ask(#"{"op":"statistics"}"#)["clients"] as? [String: Int]
      dropped = clients?["dropped"] ?? 0
      usleep(50_000)
    }
    #expect(dropped == 1)
    let health = try other.ask(#"{"op":"health"}"#)
    #expect(health["ok"] as? Bool == true)
    let outcome = try await daemon.end()
    #expect(outcome.status == 0, "\(outcome.standardError)")
  }
}
