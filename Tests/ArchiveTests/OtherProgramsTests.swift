import BerthFiles
import BerthKit
import Foundation
import Testing

@testable import BerthArchive

@Suite("Other programs")
struct OtherProgramsTests {
  private static let programs = ["/usr/bin/tar", "/usr/bin/bsdtar"]

  /// Runs a program to its end.
  ///
  /// - Returns: its output.
  private func run(_ program: String, _ arguments: [String], status: Int32 = 0) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ["LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == status, "\(program) \(arguments)")
    return data
  }

  @Test("list and unpack an archive", arguments: programs, ArchiveOrder.Compression.allCases)
  func unpack(program: String, compression: ArchiveOrder.Compression) throws {
    let harbour = try Harbour()
    try harbour.write("ships", to: "data/world/ships")
    try harbour.write(
      "näher", to: "data/hä fen/\(String(repeating: "lang", count: 50))/\(String(repeating: "x", count: 200))")
    symlink("world/ships", "\(harbour.data)/link")
    link("\(harbour.data)/world/ships", "\(harbour.data)/world/twice")
    let odd = Array("\(harbour.data)/".utf8) + [0xff, 0x0a, 0xfe]
    #expect(odd.withCPath { open($0, O_WRONLY | O_CREAT, 0o600) } >= 0)
    let sparse = open("\(harbour.data)/sparse", O_WRONLY | O_CREAT, 0o600)
    #expect(pwrite(sparse, "data", 4, 3 << 20) == 4)
    ftruncate(sparse, 5 << 20)
    close(sparse)
    try harbour.back(up: "one", compression)
    let names = String(decoding: try run(program, ["-tf", harbour.archive("one")]), as: UTF8.self)
    #expect(names.split(separator: "\n").count == 14)
    #expect(names.hasPrefix(".berth/manifest.json\n"))
    #expect(names.hasSuffix(".berth/files.mtree\n"))
    let target = "\(harbour.folder.path)/other"
    mkdir(target, 0o700)
    _ = try run(program, ["-xpf", harbour.archive("one"), "-C", target])
    TreeRemoval.remove("\(target)/.berth")
    #expect(try Tree(target).differences(from: Tree(harbour.instance)) == [])
  }

  @Test("read the list of files")
  func list() throws {
    let harbour = try Harbour()
    try harbour.write("ships", to: "data/wör ld/ships")
    try harbour.back(up: "one")
    // It warns of the words that are Berth's own.
    let output = try run("/usr/bin/bsdtar", ["-tf", harbour.index("one")], status: 1)
    let names = String(decoding: output, as: UTF8.self)
    #expect(
      names.split(separator: "\n").sorted() == [
        "./cache", "./config", "./data", "./data/wör ld", "./data/wör ld/ships",
      ])
  }
}
