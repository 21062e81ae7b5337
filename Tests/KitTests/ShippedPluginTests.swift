import BerthKit
import Foundation
import Testing

/// The plugins that ship as files, read where they lie.
@Suite("The plugins that ship") struct ShippedPluginTests {
  static let folder = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "plugins.d").path

  /// Every file below a folder, in memory.
  static func files(below folder: String = folder) throws -> MemoryFiles {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
    var texts: [String: String] = [:]
    for name in names {
      let path = "\(folder)/\(name)"
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else { continue }
      texts[path] = try String(contentsOfFile: path, encoding: .utf8)
    }
    return MemoryFiles(texts)
  }

  /// The plugins in the folder.
  static func catalog() throws -> PluginCatalog {
    PluginLoader(files: try files()).catalog(builtIn: [], folders: [folder])
  }

  @Test("every folder in plugins.d is a plugin without a fault")
  func allPass() throws {
    let files = try Self.files()
    let catalog = try Self.catalog()
    #expect(catalog.entries.map(\.problem?.description) == Array(repeating: nil, count: catalog.entries.count))
    #expect(catalog.entries.map(\.id) == (try files.list(Self.folder).filter { $0 != "levels.json" }))
    #expect(
      Set(catalog.entries.map(\.id)).isSuperset(of: [
        "ark", "armagetron", "counter-strike-2", "factorio", "freeciv", "jellyfin", "luanti", "minecraft",
        "minecraft-paper", "mosquitto", "mumble", "openarena", "palworld", "postgres", "redis", "teeworlds", "terraria",
        "transmission", "valheim",
        "vintage-story",
      ]))
  }

  /// What nobody can guess: the name that people look for it by, a licence, which version, and how that is known to be it.
  static let questions = [
    "eqmd": ["domain"], "factorio": ["release", "sha256"], "minecraft": ["eula", "jar-url", "jar-sha256"],
    "minecraft-paper": ["eula", "jar-url", "jar-sha256"], "terraria": ["release", "sha256"],
    "valheim": ["password"], "vintage-story": ["release", "sha256"],
  ]

  @Test("each says where its packages, its programs and its readiness are")
  func complete() throws {
    let catalog = try Self.catalog()
    for manifest in catalog.entries.compactMap(\.manifest) {
      let isContained = manifest.services.allSatisfy { $0.container != nil }
      #expect(
        isContained || manifest.hasReleases || !manifest.install.isEmpty && !manifest.programs.isEmpty,
        "\(manifest.id)")
      #expect(manifest.services.allSatisfy { $0.ready != [] && $0.limits.memory != nil }, "\(manifest.id)")
      let questions = manifest.settings.filter(\.isRequired).map(\.id)
      #expect(questions == Self.questions[manifest.id] ?? [], "'\(manifest.id)' installs without a question")
    }
  }
}
