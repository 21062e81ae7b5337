import BerthKit
import BerthRender
import Foundation
import Testing

/// The sites of the plugins that ship, byte for byte; see ``GoldenTests``.
@Suite("Golden files of sites") struct SiteGoldenTests {
  static let folder = Plugins.tests.appending(path: "GoldenSites")
  static let ids = Plugins.ids.filter { (try? Plugins.plugin($0).manifest.routes.isEmpty) == false }

  /// An instance alone, and in a pool, with a host name and a login.
  static func text(_ id: String, _ kind: ProxyConfig.Kind) throws -> String {
    let manifest = try Plugins.plugin(id).manifest
    let context = Stage.system.context(manifest)
    let fixed = try FixedInstance.values(manifest, .system, context)
    var settings = fixed.settings
    for route in manifest.routes {
      for name in route.host.variables { settings[String(name.dropFirst("settings.".count))] = .text("tv.example") }
      for name in route.auth?.variables ?? [] { settings[String(name.dropFirst("settings.".count))] = .text("login") }
    }
    let files = try [nil, "family"].flatMap { pool in
      let instance = InstanceValues(
        key: fixed.key, uid: fixed.uid, name: fixed.name, slug: fixed.slug, user: fixed.user, settings: settings,
        ports: fixed.ports,
        pool: pool)
      let routes = try ResolvedRoute.all(
        of: manifest, instance, Variables(manifest: manifest, instance: instance, context: context), in: context)
      let sites = ProxySites(routes, of: manifest, slug: instance.slug, pool: pool, proxy: ProxyConfig(kind))
      return [sites.head].compactMap { $0 } + sites.own
    }
    return files.map { "=== \($0.path)\n\($0.text)" }.joined()
  }

  @Test("the sites of a plugin are what was agreed on", arguments: ids, ProxyConfig.Kind.allCases)
  func golden(_ id: String, _ kind: ProxyConfig.Kind) throws {
    let text = try Self.text(id, kind)
    let file = Self.folder.appending(path: "\(id)-\(kind.rawValue).txt")
    if GoldenTests.isRecording {
      try Data(text.utf8).write(to: file)
      Issue.record("'\(file.lastPathComponent)' was recorded: look at the difference, then run without RECORD_GOLDEN")
      return
    }
    #expect(Array(text.utf8) == Array(try Data(contentsOf: file)), "RECORD_GOLDEN=1 writes it anew")
  }

  @Test("there is a golden file for every plugin with routes, and none without")
  func complete() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted()
    let kinds = ProxyConfig.Kind.allCases.map(\.rawValue)
    #expect(names == Self.ids.flatMap { id in kinds.map { "\(id)-\($0).txt" } }.sorted())
    #expect(Self.ids.contains("jellyfin") && Self.ids.contains("media-stack"))
  }
}
