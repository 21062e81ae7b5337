import BerthKit
import CLinux
import Foundation
import TestSupport
import Testing

@testable import BerthFiles
@testable import BerthHost

/// What an instance's user may put into its folders, and what Berth does with it.
///
/// The paths have the form of an instance's own folders, so that the rules hold here without a second user: `data` of an
/// instance is closed whoever owns it.
@Suite("Paths below an instance's folders")
struct HostPathTests {
  private let folder: Folder
  private let files = LinuxFileTree()
  private var home: String { "\(folder.path)/state/instances/demo/default" }
  private var data: String { "\(home)/data" }
  private var outside: String { "\(folder.path)/outside" }

  init() throws {
    folder = try Folder()
    for path in [data, "\(home)/config", outside] { try files.makeFolder(path, mode: 0o700, owner: nil) }
    try files.write("root's own", to: "\(outside)/shadow", mode: 0o600, owner: nil, anchor: nil)
  }

  private func code(_ body: () throws -> Void) -> String? {
    do { try body() } catch let error as BerthError { return "\(error.code) \(error.kind.exitStatus)" } catch {
      return "\(error)"
    }
    return nil
  }

  /// What a file holds, whatever links lead to it.
  private func plain(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

  @Test("a link in a file's place is refused for reading, copying and listing, and is what the plain calls follow")
  func reading() throws {
    symlink("\(outside)/shadow", "\(data)/server.conf")
    symlink(outside, "\(data)/world")
    for path in ["\(data)/server.conf", "\(data)/world/shadow"] {
      #expect(code { _ = try files.read(path) } == "link-in-the-way 65")
      #expect(code { try files.copy(path, to: "\(folder.path)/copy", mode: 0o600) } == "link-in-the-way 65")
      // Without the guard the attack works.
      #expect(plain(path) == "root's own")
    }
    #expect(code { _ = try files.list("\(data)/world") } == "link-in-the-way 65")
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(data)/world") == ["shadow"])
    #expect(files.usedBytes("\(data)/world") == nil && !files.isFolder("\(data)/world"))
    // It is there, and who reads it learns why it is not followed.
    #expect(files.exists("\(data)/server.conf") && files.exists("\(data)/world/shadow"))
  }

  @Test("nothing is written, made, moved, given away or removed through a link")
  func writing() throws {
    symlink(outside, "\(data)/world")
    let path = "\(data)/world/shadow"
    let numbers = FileNumbers(user: getuid(), group: getgid())
    #expect(code { try files.write("x", to: path, mode: 0o600, owner: nil, anchor: data) } == "link-in-the-way 65")
    #expect(code { try files.write("x", to: path, mode: 0o600, owner: nil, anchor: nil) } == "link-in-the-way 65")
    #expect(code { try files.makeFolder("\(data)/world/new", mode: 0o700, owner: nil) } == "link-in-the-way 65")
    #expect(code { try files.makeLink("\(data)/world/new", to: "/etc") } == "link-in-the-way 65")
    #expect(code { try files.move(path, to: "\(folder.path)/taken") } == "link-in-the-way 65")
    #expect(code { try files.move("\(home)/config", to: "\(data)/world/config") } == "link-in-the-way 65")
    #expect(code { try files.remove(path) } == "link-in-the-way 65")
    #expect(code { try files.changeOwner(of: "\(data)/world", from: numbers, to: numbers) } != nil)
    #expect(code { try files.changeOwner(of: path, from: numbers, to: numbers) } == "link-in-the-way 65")
    files.removeFolderIfEmpty("\(data)/world/none")
    #expect(try FileManager.default.contentsOfDirectory(atPath: outside) == ["shadow"])
    #expect(plain("\(outside)/shadow") == "root's own")
    // The link itself is the instance's, and can go.
    try files.remove("\(data)/world")
    #expect(!files.exists("\(data)/world") && plain("\(outside)/shadow") == "root's own")
  }

  @Test(
    "what is no regular file is named at once where one is expected, and never waited for",
    .timeLimit(.minutes(1)))
  func odd() throws {
    mkfifo("\(data)/fifo", 0o600)
    mkdir("\(data)/folder", 0o700)
    let socket = try #require(ListeningSocket("\(data)/socket"))
    defer { socket.close() }
    for (name, kind) in [("fifo", "a FIFO"), ("folder", "a folder"), ("socket", "a socket")] {
      let error = #expect(throws: BerthError.self) { try files.read("\(data)/\(name)") }
      #expect(error?.code == "not-a-file" && error?.summary.contains(kind) == true)
      #expect(error?.kind.exitStatus == 65 && error?.location == "\(data)/\(name)")
    }
    // Without `O_NONBLOCK` the same call waits for a writer, who never comes.
    let waiter = Thread { close(open("\(data)/fifo", O_RDONLY | O_CLOEXEC)) }
    waiter.start()
    usleep(50_000)
    #expect(!waiter.isFinished)
    close(open("\(data)/fifo", O_WRONLY | O_NONBLOCK | O_CLOEXEC))
  }

  @Test("what stands in a folder's place is named, on the way or at the end, and a link by itself and where it is")
  func inAFoldersPlace() throws {
    mkfifo("\(data)/volumes", 0o600)
    symlink("/etc", "\(data)/cellar")
    for path in ["\(data)/volumes", "\(data)/volumes/db", "\(data)/volumes/db/deep"] {
      let error = #expect(throws: BerthError.self) { try files.makeFolder(path, mode: 0o700, owner: nil) }
      #expect(error?.code == "not-a-file" && error?.kind.exitStatus == 65, "\(path): \(error.map { "\($0)" } ?? "")")
      #expect(error?.summary == "'\(data)/volumes' is a FIFO, not a folder")
    }
    #expect(
      code { try files.write("x", to: "\(data)/volumes/x", mode: 0o600, owner: nil, anchor: data) } == "not-a-file 65")
    #expect(code { _ = try files.list("\(data)/volumes") } == "not-a-file 65")
    for path in ["\(data)/cellar", "\(data)/cellar/db"] {
      let error = #expect(throws: BerthError.self) { try files.makeFolder(path, mode: 0o700, owner: nil) }
      #expect(error?.code == "link-in-the-way", "\(path): \(error.map { "\($0)" } ?? "")")
      #expect(error?.summary.contains("'\(data)/cellar'") == true && error?.remedy == "ls -ld \(data)/cellar")
    }
    let mounted = #expect(throws: BerthError.self) {
      try SourcePins.require(try #require(SourcePins.Pin("own:0:\(data)/cellar")))
    }
    #expect(
      mounted?.summary
        == "'\(data)/cellar' is a link, and Berth follows none in a folder that others can change")
  }

  @Test("the owner's own links are followed outside, and lead into folders in which none is")
  func ownLinks() throws {
    let disk = "\(folder.path)/disk"
    try files.makeFolder("\(disk)/world", mode: 0o700, owner: nil)
    try files.write("level", to: "\(disk)/world/map", mode: 0o600, owner: nil, anchor: nil)
    try files.remove(data)
    symlink(disk, data)
    #expect(try files.read("\(data)/world/map") == "level")
    symlink("\(outside)/shadow", "\(disk)/world/link")
    #expect(code { _ = try files.read("\(data)/world/link") } == "link-in-the-way 65")
    // By its own path, which is nobody's folder but ours, the same link is ours.
    #expect(try files.read("\(disk)/world/link") == "root's own")
    #expect(code { _ = try files.read("\(data)/world/../../outside/shadow") } == "link-in-the-way 65")
  }

  @Test("circles of links end")
  func circles() throws {
    symlink("\(folder.path)/b", "\(folder.path)/a")
    symlink("\(folder.path)/a", "\(folder.path)/b")
    #expect(code { _ = try files.read("\(folder.path)/a") } == "link-in-the-way 65")
  }

  @Test("a tree goes by descriptors however deep it is nested, and however much is in it")
  func removal() throws {
    var current = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    for _ in 0..<3000 {
      mkdirat(current, "deep", 0o700)
      let next = openat(current, "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      close(current)
      current = next
    }
    close(current)
    symlink(outside, "\(data)/link")
    for index in 0..<50 { mkdir("\(data)/many-\(index)", 0o700) }
    #expect(files.usedBytes(data) == nil)
    let numbers = FileNumbers(user: getuid(), group: getgid())
    #expect(code { try files.changeOwner(of: data, from: numbers, to: numbers) } == "too-deep 65")
    try files.remove(data)
    #expect(!files.exists(data) && plain("\(outside)/shadow") == "root's own")
  }

  @Test("a folder that others can change on the way to a path is named")
  func changeable() throws {
    let shared = "\(folder.path)/shared"
    try files.makeFolder("\(shared)/mine", mode: 0o755, owner: nil)
    #expect(files.changeable(onTheWayTo: "\(shared)/mine/data") == nil)
    #expect(files.changeable(onTheWayTo: "\(shared)/none/yet/data") == nil)
    chmod(shared, 0o777)
    #expect(files.changeable(onTheWayTo: "\(shared)/mine/data") == shared)
    #expect(files.changeable(onTheWayTo: "\(shared)/none/yet") == shared)
    // By its own path, whatever links lead there.
    try files.makeLink("\(folder.path)/whole", to: shared)
    try files.makeLink("\(folder.path)/near", to: "shared")
    for link in ["whole", "near"] {
      #expect(files.changeable(onTheWayTo: "\(folder.path)/\(link)/mine/data") == shared, "\(link)")
    }
    // As in /tmp, nobody touches the entries of others.
    chmod(shared, 0o1777)
    #expect(files.changeable(onTheWayTo: "\(shared)/mine/data") == nil)
    #expect(files.changeable(onTheWayTo: "\(data)/x") == data)
  }

  /// As setfacl(1) writes it: `u::rwx,u:12345:PERMISSIONS,g::r-x,m::PERMISSIONS,o::r-x`.
  private func setAccessList(_ path: String, named permissions: UInt16) -> Bool {
    let entries: [(tag: UInt16, permissions: UInt16, id: UInt32)] = [
      (0x01, 7, .max), (0x02, permissions, 12345), (0x04, 5, .max), (0x10, permissions, .max), (0x20, 5, .max),
    ]
    func bytes(_ number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }
    let value = bytes(UInt32(2)) + entries.flatMap { bytes($0.tag) + bytes($0.permissions) + bytes($0.id) }
    return setxattr(path, "system.posix_acl_access", value, value.count, 0) == 0
  }

  @Test("a folder that a user may write whom an ACL names is one that others can change")
  func accessList() throws {
    let shared = "\(folder.path)/shared"
    try files.makeFolder("\(shared)/mine", mode: 0o755, owner: nil)
    // To the group of root, or this user's own, alone.
    chmod(shared, 0o775)
    #expect(files.changeable(onTheWayTo: "\(shared)/mine/data") == nil)
    try #require(setAccessList(shared, named: 7))
    var info = stat()
    #expect(stat(shared, &info) == 0 && info.st_mode & 0o777 == 0o775)
    #expect(files.changeable(onTheWayTo: "\(shared)/mine/data") == shared)
    try #require(setAccessList(shared, named: 5))
    #expect(files.changeable(onTheWayTo: "\(shared)/mine/data") == nil)
  }
}
