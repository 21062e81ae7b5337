import BerthFiles
import BerthKit
import Foundation
import Testing

@testable import BerthArchive

@Suite("Odd files")
struct OddFileTests {
  @Test("that are sockets, FIFOs or devices are left out and named")
  func special() throws {
    let harbour = try Harbour()
    try harbour.write("ships", to: "data/ships")
    mkfifo("\(harbour.data)/fifo", 0o600)
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array("\(harbour.data)/s".utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.prefix(107)) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    let summary = try harbour.back(up: "one")
    #expect(summary.remarks.first.map(\.path).sorted() == ["data/fifo", "data/s"])
    #expect(summary.files == 1)
  }

  @Test("that lie too deep for an archive are left out and named, and keep nothing from being backed up")
  func deep() throws {
    let harbour = try Harbour()
    try harbour.write("one", to: "data/other")
    let top = OpenFolder(harbour.data)
    var folder = try #require(top)
    let name = Bytes(repeating: 0x78, count: 250)
    for _ in 0..<17 {
      #expect(name.withCPath { mkdirat(folder.descriptor, $0, 0o700) } == 0)
      folder = try #require(folder.folder(name))
    }
    let summary = try harbour.back(up: "one")
    #expect(summary.remarks.first.map(\.kind) == [.deep] && summary.remarks.leftOut == 1)
    #expect(summary.remarks.first[0].path.hasPrefix("data/xxx") && summary.remarks.first[0].path.utf8.count < 510)
    #expect(try harbour.verify("one").remarks == summary.remarks)
    #expect(FileManager.default.fileExists(atPath: "\(try harbour.unpack("one"))/data/other"))
  }

  @Test("that are left out are counted, and only the first few are named")
  func many() throws {
    let harbour = try Harbour()
    for index in 0..<300 { mkfifo("\(harbour.data)/fifo-\(index)", 0o600) }
    let summary = try harbour.back(up: "one")
    #expect(summary.remarks.count(.special) == 300 && summary.remarks.first.count == ArchiveRemarks.most)
    #expect(summary.remarks.lines.count == ArchiveRemarks.most + 1)
    #expect(try harbour.verify("one").remarks == summary.remarks)
  }

  @Test("that this user may not read are an error too")
  func denied() throws {
    let harbour = try Harbour()
    try harbour.write("secret", to: "data/mine")
    try harbour.write("secret", to: "data/folder/mine")
    for (path, mode) in [("data/mine", 0), ("data/folder", 0o300)] as [(String, mode_t)] {
      chmod("\(harbour.instance)/\(path)", mode)
      let archive = try harbour.archives.begin(harbour.order("one"))
      if getuid() == 0 {
        // Root reads everything.
        try archive.add([ArchivePart("all")]) { _, _ in }
      } else {
        #expect { try archive.add([ArchivePart("all")]) { _, _ in } } throws: {
          ($0 as? BerthError)?.code == "unreadable" && ($0 as? BerthError)?.summary.contains(path) == true
        }
      }
      archive.discard()
      chmod("\(harbour.instance)/\(path)", 0o700)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: harbour.backups) == [])
  }

  @Test("of over eight gigabytes, and with holes, come back with their holes")
  func large() throws {
    let harbour = try Harbour()
    let path = "\(harbour.data)/large"
    let size = 9 << 30
    let file = open(path, O_WRONLY | O_CREAT, 0o600)
    for offset in [5 << 20, 8 << 30, size - 4] { #expect(pwrite(file, "data", 4, offset) == 4) }
    close(file)
    let hole = open("\(harbour.data)/hole", O_WRONLY | O_CREAT, 0o600)
    ftruncate(hole, 20 << 20)
    close(hole)
    let summary = try harbour.back(up: "one")
    #expect(summary.bytes == Int64(size + 20 << 20))
    #expect(summary.size < 1 << 20)
    try harbour.verify("one")
    let target = try harbour.unpack("one")
    var info = stat()
    #expect(stat("\(target)/data/large", &info) == 0)
    #expect(info.st_size == size)
    #expect(info.st_blocks < 1000)
    let copy = open("\(target)/data/large", O_RDONLY)
    defer { close(copy) }
    for offset in [5 << 20, 8 << 30, size - 4] {
      var bytes = Bytes(repeating: 0, count: 4)
      #expect(pread(copy, &bytes, 4, offset) == 4)
      #expect(bytes.elementsEqual("data".utf8))
    }
    #expect(stat("\(target)/data/hole", &info) == 0)
    #expect(info.st_size == 20 << 20)
    #expect(info.st_blocks == 0)
  }

  @Test("that act as another user do so only when that user is not root")
  func setUser() throws {
    let harbour = try Harbour()
    try harbour.write("ships", to: "data/ships")
    chmod("\(harbour.data)/ships", 0o6755)
    try harbour.back(up: "one")
    var order = harbour.unpackOrder("one")
    let archives = TarArchives { $0 == "keeper" ? (user: 4711, group: 4712) : nil }
    order.owner = FileOwner(user: "keeper")
    _ = try archives.unpack(order) { _, _ in }
    var info = stat()
    #expect(stat("\(order.target)/data/ships", &info) == 0)
    if getuid() == 0 {
      #expect(info.st_uid == 4711)
      #expect(info.st_gid == 4712)
      #expect(info.st_mode & 0o7777 == 0o6755)
      let target = try harbour.unpack("one")
      #expect(stat("\(target)/data/ships", &info) == 0)
      #expect(info.st_mode & 0o7777 == 0o755)
    } else {
      #expect(info.st_uid == getuid())
    }
    order.owner = FileOwner(user: "nobody-of-that-name")
    #expect { try archives.unpack(order) { _, _ in } } throws: { ($0 as? BerthError)?.code == "unknown-user" }
  }
}
