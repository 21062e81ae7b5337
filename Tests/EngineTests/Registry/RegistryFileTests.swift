import BerthKit
import BerthStore
import Foundation
import TestSupport
import Testing

@Suite("The registry's file")
struct RegistryFileTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private var path: String { "\(folder.path)/registry.sqlite" }

  @Test("is brought up to date once, and keeps what is in it")
  func opensTwice() throws {
    let record = Sample.record(1, ports: [Sample.port("game", .udp, 8303)])
    try InstanceRegistry(path: path).register(record, settings: [Sample.setting])
    for _ in 1...2 {
      let again = try InstanceRegistry(path: path)
      #expect(try again.instances() == [record])
      #expect(try again.settings(of: "uid-1") == [Sample.setting])
    }
  }

  @Test("is taken when it was made empty beforehand, and stays unreadable for others")
  func opensEmpty() throws {
    #expect(FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]))
    try InstanceRegistry(path: path).register(Sample.record(1), settings: [])
    #expect(try InstanceRegistry(path: path).instances().count == 1)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      let mode = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(name)")[.posixPermissions] as? Int
      #expect(mode == 0o600, "\(name)")
    }
  }

  @Test("shows each of two connections what the other wrote, and gives a port to one of them only")
  func twoConnections() async throws {
    let one = try InstanceRegistry(path: path)
    let two = try InstanceRegistry(path: path)
    try one.register(Sample.record(1, ports: [Sample.port("game", .udp, 8303)]), settings: [])
    #expect(try two.portOwners() == [PortNumber(.udp, 8303): "demo/name-1"])
    let late = Sample.record(2, ports: [Sample.port("game", .udp, 8303)])
    #expect(await refusal { try two.register(late, settings: []) }?.code == "taken")
    try two.forget("uid-1")
    try one.register(late, settings: [])
    #expect(try two.instances() == [late])
  }

  @Test("is made once where many make it at once, and keeps what each of them writes")
  func madeAtOnce() async throws {
    for round in 1...8 {
      let path = "\(folder.path)/\(round).sqlite"
      try await withThrowingTaskGroup { group in
        for number in 1...8 {
          group.addTask { try InstanceRegistry(path: path).register(Sample.record(number), settings: []) }
        }
        try await group.waitForAll()
      }
      #expect(try InstanceRegistry(path: path).instances().count == 8)
      #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test("takes the writes of many connections at once, each port once")
  func manyAtOnce() async throws {
    _ = try InstanceRegistry(path: path)
    let path = path
    let kept = await withTaskGroup { group in
      for number in 1...16 {
        group.addTask {
          // Two of them want each port.
          let record = Sample.record(number, ports: [Sample.port("game", .udp, 9000 + number / 2)])
          do {
            try InstanceRegistry(path: path).register(record, settings: [])
            return 1
          } catch {
            #expect((error as? BerthError)?.code == "taken")
            return 0
          }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(kept == 9)
    #expect(try InstanceRegistry(path: path).portOwners().count == 9)
  }

  @Test("is refused when it is no database")
  func refusesText() async throws {
    try String(repeating: "This is a letter and no registry.\n", count: 100).write(
      toFile: path, atomically: true, encoding: .utf8)
    let error = await refusal { try InstanceRegistry(path: path) }
    #expect(error?.code == "registry-unusable")
    #expect(error?.kind == .failure)
    #expect(error?.location == path)
    #expect(error?.remedy == "ls -l \(path)")
  }

  // Root may read every file, so what cannot be opened is put below something that is no folder.
  @Test(
    "is refused as not allowed when it cannot be opened",
    arguments: ["plain-file/registry.sqlite", "nowhere/registry.sqlite"])
  func refusesUnreachable(_ name: String) async throws {
    #expect(FileManager.default.createFile(atPath: "\(folder.path)/plain-file", contents: nil))
    let error = await refusal { try InstanceRegistry(path: "\(folder.path)/\(name)") }
    #expect(error?.code == "registry-unusable")
    #expect(error?.kind == .notAllowed)
    #expect(error?.kind.exitStatus == 77)
  }

  @Test("is refused where nobody can write")
  func refusesProc() async {
    #expect(await refusal { try InstanceRegistry(path: "/proc/registry.sqlite") }?.kind == .notAllowed)
  }
}
