import BerthKit
import Foundation
import Testing

@testable import BerthArchive

/// The backup sets of every plugin that ships, there and back. What its program writes is made up; which folders and patterns
/// a plugin has is not.
@Suite("The backup sets of a plugin that ships")
struct ShippedSetsTests {
  /// How the folders of a set are when the backup is made.
  enum Folders: String, CaseIterable { case empty, full, missing, excluded }

  private static let plugins = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("plugins.d")

  static let apps: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: plugins.path)) ?? []
    return names.filter { FileManager.default.fileExists(atPath: "\(plugins.path)/\($0)/plugin.yaml") }.sorted()
  }()

  private static func sets(_ app: String) throws -> [SelectedSet] {
    let home = plugins.appendingPathComponent(app)
    let file = home.appendingPathComponent("plugin.yaml")
    let reader = ManifestReader(file: file.path) { name in
      try? String(contentsOf: home.appendingPathComponent("files/\(name)"), encoding: .utf8)
    }
    let manifest = try reader.manifest(from: String(contentsOf: file, encoding: .utf8))
    var variables = Variables()
    variables.set("instance.slug", to: .text("north"))
    for setting in manifest.settings {
      let value = setting.defaultValue?.literalText.flatMap { try? setting.parse($0) }
      // Conditions hold, so that no set is left out.
      variables.set("settings.\(setting.id)", to: value == .boolean(false) ? .boolean(true) : value ?? .text("word"))
    }
    return try manifest.selectedSets(variables)
  }

  /// A path that a pattern takes.
  private static func example(_ pattern: String) -> String {
    pattern.replacing("**/", with: "deep/below/").replacing("*", with: "one")
  }

  /// Puts into the folders of all sets what a backup has to bring back, and beside it what it leaves out.
  ///
  /// - Returns: the paths that are left out.
  private func fill(_ harbour: Harbour, _ folders: Folders) throws -> [String] {
    var out: [String] = []
    for set in harbour.sets {
      guard case .files(let roots, let exclude) = set.source else { continue }
      for root in roots {
        let path = "\(harbour.instance)/\(root)"
        switch folders {
        case .missing: break
        case .empty: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        case .full, .excluded:
          try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
          for pattern in exclude {
            try harbour.write("left out", to: "\(root)/\(Self.example(pattern))/x")
            out.append("\(root)/\(Self.example(pattern))")
          }
          guard folders == .full else { continue }
          for name in ["a", "b/c/d", ".hidden", "b/empty file"] {
            try harbour.write("\(root) \(name)", to: "\(root)/\(name)")
          }
          symlink("a", "\(path)/link")
        }
      }
    }
    return out
  }

  /// Copies for sets that are no plain files, as a snapshot or a dump makes them.
  private func copies(_ harbour: Harbour) throws -> [String: String] {
    var copies: [String: String] = [:]
    for set in harbour.sets {
      let place = "\(harbour.folder.path)/copies/\(set.name)"
      switch set.source {
      case .files: continue
      case .dump:
        try FileManager.default.createDirectory(
          atPath: "\(harbour.folder.path)/copies", withIntermediateDirectories: true)
        try Data("dump".utf8).write(to: URL(fileURLWithPath: place))
      case .sqlite(let paths):
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        for path in paths.map(Self.example) {
          let file = URL(fileURLWithPath: "\(place)/\(path)")
          try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
          try Data("snapshot".utf8).write(to: file)
        }
      }
      copies[set.name] = place
    }
    return copies
  }

  private func restore(_ id: String, _ harbour: Harbour) throws {
    let unpacked = try harbour.unpack(id)
    for (name, folder) in harbour.folders.sorted(by: { $0.key < $1.key }) {
      let order = ReplaceOrder(
        name: name, folder: folder, staged: "\(unpacked)/\(name)", aside: "\(harbour.folder.path)/aside-\(name)-\(id)",
        sets: harbour.sets, chosen: harbour.sets.map(\.name))
      try harbour.archives.replace(order, keeping: try harbour.archives.kept(order))
    }
  }

  @Test(
    "come back as they were, whether their folders are full, empty, missing or full of what is left out",
    arguments: apps)
  func roundTrip(_ app: String) throws {
    let sets = try Self.sets(app)
    try #require(!sets.isEmpty)
    for folders in Folders.allCases {
      let harbour = try Harbour(sets)
      let out = try fill(harbour, folders)
      let copies = try copies(harbour)
      func tree() throws -> [String: Tree.Node] {
        try Tree(harbour.instance, times: false).nodes.filter { path, _ in
          !out.contains { path == $0 || path.hasPrefix("\($0)/") || $0.hasPrefix("\(path)/") }
        }
      }
      let before = try tree()
      try harbour.back(up: "one", copies: copies)
      try harbour.verify("one")
      // Everything is lost, and something else has come.
      for case .files(let roots, _) in harbour.sets.map(\.source) {
        for root in roots {
          try? FileManager.default.removeItem(atPath: "\(harbour.instance)/\(root)")
          try harbour.write("stray", to: "\(root)/stray")
        }
      }
      try restore("one", harbour)
      let after = try tree()
      for (path, node) in before where after[path] != node {
        Issue.record("\(folders): '\(path)' was \(node), and is \(after[path].map { "\($0)" } ?? "gone")")
      }
      for path in after.keys where path.hasSuffix("/stray") { Issue.record("\(folders): '\(path)' is there still") }
      for case .sqlite(let paths) in harbour.sets.map(\.source) {
        for path in paths.map(Self.example) { #expect(after[path]?.size == 8, "\(folders): \(path)") }
      }
      // A second time from what was restored, as a difference.
      try harbour.back(up: "two", chain: ["one"], copies: copies)
      try harbour.verify("two")
    }
  }

  @Test("are those of more than twenty apps")
  func count() { #expect(Self.apps.count > 20) }
}
