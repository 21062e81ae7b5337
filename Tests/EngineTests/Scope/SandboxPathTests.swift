import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@testable import BerthEngine

@Suite("The folder of a sandbox")
struct SandboxPathTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func resolve(_ root: String, _ scope: Scope? = nil, userID: Int = 1000) throws -> ScopePaths {
    let environment = HostEnvironment(userID: userID, variables: ["HOME": "/home/mara"], run: folder.path)
    return try ScopeResolver(environment: environment) { _ in
      Issue.record("a folder that is named needs no registry")
      return false
    }.resolve(ScopeRequest(scope: scope, root: root)).paths
  }

  @Test("goes with the sandbox scope only", arguments: [Scope.system, .user])
  func otherScope(_ scope: Scope) async {
    let error = await refusal { try resolve("/srv/box", scope) }
    #expect(error?.code == "bad-scope")
    #expect(error?.kind == .usage)
  }

  @Test("holds everything", arguments: [nil, Scope.sandbox])
  func holds(_ scope: Scope?) throws {
    let paths = try resolve("/srv/box", scope)
    #expect(paths.scope == .sandbox)
    #expect(
      [paths.root, paths.config, paths.state, paths.backups] == [
        "/srv/box", "/srv/box/config", "/srv/box/state", "/srv/box/backups",
      ])
    #expect(paths.units == "/srv/box/config/systemd/user")
  }

  @Test(
    "holds no character that a unit file gives a meaning to",
    arguments: [":", "'", "\"", "\\", "$", "\n", "\u{7}", "\u{2028}"])
  func strangeCharacters(_ character: String) async {
    let error = await refusal { try resolve("/srv/b\(character)x") }
    #expect(error?.code == "bad-directory")
    #expect(error?.kind == .usage)
  }

  @Test(
    "may have spaces, percent signs and letters of any script",
    arguments: ["/srv/my box", "/srv/50%i", "/srv/ölhafen", "/srv/日本"])
  func ordinaryCharacters(_ root: String) throws { #expect(try resolve(root).root == root) }

  @Test("is not the root of the host", arguments: ["/", "//", "/srv/..", "/."])
  func root(_ text: String) async { #expect(await refusal { try resolve(text) }?.code == "bad-directory") }

  @Test("is the same however it is written", arguments: ["/srv/box/", "/srv//box", "/srv/x/../box", "/srv/./box"])
  func written(_ text: String) throws { #expect(try resolve(text) == resolve("/srv/box")) }

  @Test("is relative to where a person stands")
  func relative() throws {
    #expect(try resolve("box").root == "\(FileManager.default.currentDirectoryPath)/box")
  }

  @Test(
    "has a runtime folder short enough for sockets, however long it is itself", arguments: [0, 1000, 4_294_967_294])
  func short(_ userID: Int) throws {
    let long = "/" + String(repeating: "very-long-name/", count: 60) + "box"
    #expect(try resolve(long, userID: userID).runtime.utf8.count < 60)
    #expect(try resolve(long, userID: userID).runtime != resolve("/srv/box", userID: userID).runtime)
  }

  @Test("has a runtime folder per user, root's where only root may write")
  func perUser() throws {
    #expect(try resolve("/srv/box", userID: 0).runtime.hasPrefix("/run/berth-"))
    #expect(try resolve("/srv/box").runtime.hasPrefix("/tmp/berth-1000-"))
    #expect(try resolve("/srv/box", userID: 1001).runtime != resolve("/srv/box").runtime)
  }

  @Test("has the same runtime folder, whatever links lead to it")
  func links() throws {
    try FileManager.default.createDirectory(atPath: "\(folder.path)/box", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/link", withDestinationPath: "box")
    #expect(try resolve("\(folder.path)/link") == resolve("\(folder.path)/box"))
  }

  @Test("has the same runtime folder before and after it is made, behind a link")
  func linksBefore() throws {
    try FileManager.default.createDirectory(atPath: "\(folder.path)/disk", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/link", withDestinationPath: "disk")
    let before = try resolve("\(folder.path)/link/box")
    try FileManager.default.createDirectory(atPath: "\(folder.path)/disk/box", withIntermediateDirectories: true)
    let after = try resolve("\(folder.path)/link/box")
    #expect(before == after)
  }
}
