import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("A plugin from elsewhere, with links in it")
struct PluginLinkTests {
  private let folder: Folder
  private var home: String { "\(folder.path)/plugins/odd" }

  init() throws {
    folder = try Folder()
    try FileManager.default.createDirectory(atPath: "\(home)/files", withIntermediateDirectories: true)
    try """
    schema: 1
    id: odd
    name: Odd
    summary: Reads what is not its own
    category: other
    version: "1"
    services: { main: { exec: [/usr/bin/sleep, infinity] } }
    config: { t.conf: { format: template } }
    backup: { data: { files: ["{{paths.data}}"] } }
    """.write(toFile: "\(home)/plugin.yaml", atomically: true, encoding: .utf8)
    try "shadow".write(toFile: "\(folder.path)/shadow", atomically: true, encoding: .utf8)
    try "plain".write(toFile: "\(home)/files/t.conf", atomically: true, encoding: .utf8)
  }

  private func load() throws -> Manifest { try PluginLoader(files: LinuxFileTree()).plugin(at: home).manifest }

  private func replace(_ name: String, byLinkTo target: String) throws {
    try FileManager.default.removeItem(atPath: "\(home)/\(name)")
    try FileManager.default.createSymbolicLink(atPath: "\(home)/\(name)", withDestinationPath: target)
  }

  @Test("shows no file of the host's: a template, the manifest or the folder that is a link is refused by its name")
  func refused() async throws {
    #expect(try load().config.first?.template?.contains("plain") == true)
    try replace("files/t.conf", byLinkTo: "\(folder.path)/shadow")
    let error = await refusal { try load() }
    #expect(error?.kind == .badInput && error?.summary.contains("'files/t.conf' is a link") == true)
    // Without the look the link is followed.
    #expect(try LinuxFileTree().read("\(home)/files/t.conf") == "shadow")
    try FileManager.default.createDirectory(atPath: "\(folder.path)/files", withIntermediateDirectories: true)
    try "far".write(toFile: "\(folder.path)/files/t.conf", atomically: true, encoding: .utf8)
    try replace("files", byLinkTo: "\(folder.path)/files")
    #expect(await refusal { try load() }?.summary.contains("is a link") == true)
    try FileManager.default.moveItem(atPath: "\(home)/plugin.yaml", toPath: "\(folder.path)/plugin.yaml")
    try FileManager.default.createSymbolicLink(
      atPath: "\(home)/plugin.yaml", withDestinationPath: "\(folder.path)/plugin.yaml")
    let catalog = PluginLoader(files: LinuxFileTree()).catalog(builtIn: [], folders: ["\(folder.path)/plugins"])
    #expect(catalog.entries.first?.problem?.summary.contains("'plugin.yaml' is a link") == true)
  }

  @Test("is read from the file that is named")
  func named() throws {
    let other = try String(contentsOfFile: "\(home)/plugin.yaml", encoding: .utf8)
    try other.replacing("name: Odd", with: "name: Other").write(
      toFile: "\(home)/next.yaml", atomically: true, encoding: .utf8)
    #expect(try PluginLoader(files: LinuxFileTree()).plugin(at: "\(home)/next.yaml").manifest.name == "Other")
  }

  @Test("may itself be reached by a link of the operator's")
  func reached() throws {
    try FileManager.default.moveItem(atPath: home, toPath: "\(folder.path)/odd")
    try FileManager.default.createSymbolicLink(atPath: home, withDestinationPath: "\(folder.path)/odd")
    #expect(try load().id == "odd")
  }
}
