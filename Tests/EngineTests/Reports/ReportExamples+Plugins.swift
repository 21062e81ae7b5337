import BerthKit

@testable import BerthEngine

extension ReportExamples {
  static let origin: PluginOrigin = {
    var origin = PluginOrigin(
      PluginSource(.repository, "https://example.org/plugins.git"), plugin: "crate", reference: "v2", commit: "f00d",
      index: "main",
      level: 5, files: "abcd", version: "1", added: "2026-11-21T10:00:00Z")
    origin.sha256 = "beef"
    return origin
  }()

  private static let offer = PluginOffer(
    check: PluginCheck(
      plugin: showcase, unused: [BerthError("unused", .badInput, "nothing reads it", at: "plugin.yaml:3")]),
    origin: origin, former: origin, formerAsks: [], files: PluginFiles([:], at: "/srv/crate"))

  static let plugins = [
    Example(
      name: "app-add",
      full: PluginOfferReport("crate", at: "/etc/berth/plugins.d/crate", former: origin, .success(offer), done: true),
      bare: PluginOfferReport(
        "crate", at: "/etc/berth/plugins.d/crate", former: nil,
        .failure(BerthError("download-failed", .unavailable, "it cannot be fetched")), done: false)),
    Example(
      name: "app-remove", full: PluginRemoval("crate", origin),
      bare: PluginRemoval(
        "crate",
        PluginOrigin(PluginSource(.folder, "/srv/crate"), files: "abcd", version: "1", added: "2026-11-21T10:00:00Z"))),
    Example(
      name: "app-available",
      full: AvailablePlugin(
        PluginIndex.Entry(showcase.manifest, level: 5, archive: "crate-1.tar.gz", sha256: "beef"), index: "main",
        installed: "1"),
      bare: AvailablePlugin(
        PluginIndex.Entry(DemoPlugin().manifest, level: nil, archive: "demo-1.tar.gz", sha256: "beef"), index: "main",
        installed: nil)),
    Example(
      name: "app-index",
      full: PluginIndexReport(
        PluginIndex([PluginIndex.Entry(showcase.manifest, level: 5, archive: "crate-1.tar.gz", sha256: "beef")]),
        at: "public/index.json", signed: true),
      bare: PluginIndexReport(PluginIndex([]), at: "public/index.json", signed: false)),
  ]
}
