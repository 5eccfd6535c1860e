import Foundation
import Testing

@Suite("scratch", .serialized) struct ScratchT {
  @Test func mechanics() throws {
    let scratch = try ScratchFolder()
    let empty = try DiskImage.empty(at: scratch("empty"), mebibytes: 32)
    let disk = try empty.copy(to: scratch("disk"))
    try Data().write(to: scratch("log"))
    let m = try Emulator(.diskMachine, options: [
        "-blockdev", "driver=file,node-name=disk-file,filename=\(disk.url.path)",
        "-blockdev", "driver=file,node-name=log-file,filename=\(scratch("log").path)",
        "-blockdev", "driver=blklogwrites,node-name=disk,file=disk-file,log=log-file",
        "-device", "virtio-blk-device,drive=disk,write-cache=on",
      ])
    print(try m.attempt("mount -t ext4 /dev/vda /var/lib/swiftlet; mkdir /var/lib/swiftlet/log"))
    try m.console.type("i=0; while :; do i=$((i+1)); echo \"line $i\" >>/var/lib/swiftlet/log/f; if [ $((i % 10)) = 0 ]; then sync; echo \"beat $i\"; fi; usleep 10000; done &")
    var moments: [(beat: Double, logSize: Int)] = []
    for _ in 0..<100 {
      Thread.sleep(forTimeInterval: 0.1)
      guard let beat = try? LoggingMachine.lastBeat(m) else { continue }
      moments.append((beat, try FileManager.default.size(of: scratch("log"))))
    }
    m.cutPower()
    let log = try WriteLog(scratch("log"))
    print(log.entries.count, log.entries.filter(\.isFlush).count, log.entries.filter(\.isForced).count, moments.last!)
    for _ in 0..<20 {
      let cut = Int.random(in: 1...log.entries.count)
      let image = try empty.copy(to: scratch("copy"))
      let r = try log.apply(first: cut, to: image) { Bool.random() }
      try image.recover()
      try? FileManager.default.removeItem(at: scratch("found"))
      try image.extract("/log", into: scratch("found"))
      let n = ((try? String(contentsOf: scratch("found/log/f"), encoding: .utf8)) ?? "").split(separator: "\n")
      let beat = moments.last(where: { $0.logSize <= log.entries[cut - 1].end })?.beat
      print(cut, r, n.count, beat ?? 0)
      #expect(Double(n.count) >= beat ?? 0)
    }
  }
}
