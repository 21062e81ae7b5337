import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlan
@testable import BerthPlanning

/// A program that may give files away can make links in its folder that belong to root, and so pass for the operator's.
@Suite("What lies below a folder that an instance has outside its own ones")
struct OutsideFolderTests {
  /// A plugin that mounts its folder, and what a setting names.
  private struct Plugin: AppPlugin {
    let suggested: Template
    var serves = false

    var manifest: Manifest {
      var manifest = CratePlugin().manifest
      manifest.settings.append(Setting("more", .path, default: suggested))
      manifest.services[0].mounts = [Mount("/st", from: "/srv/crate_{{instance.slug}}")]
      if serves {
        manifest.routes = [
          Route("web", host: "play.example", port: "http", staticFolders: [.init("/s/", "{{settings.more}}")])
        ]
      } else {
        manifest.services[0].mounts.append(Mount("/more", from: "{{settings.more}}"))
      }
      return manifest
    }
  }

  private func plan(_ plugin: Plugin, more: String? = nil) async throws -> Plan {
    let host = try TestHost(.system)
    for tree in ["/srv/crate_ab/sub", "/mnt/x"] { try host.files.makeFolder(tree, mode: 0o755, owner: nil) }
    return try await host.berth([plugin]).planInstall([
      InstallRequest(app: "crate", name: "A", settings: more.map { ["more": $0] } ?? [:])
    ])
  }

  @Test(
    "is neither mounted nor served, whether the plugin suggests it or a person chooses it",
    arguments: ["/srv/crate_a/sub", "/srv/./crate_a//sub", "//srv/crate_a/sub/deep"], [false, true])
  func refused(_ path: String, _ serves: Bool) async throws {
    let suggested = await refusal { try await plan(Plugin(suggested: Template(literal: path), serves: serves)) }
    let chosen = await refusal { try await plan(Plugin(suggested: "/mnt/x", serves: serves), more: path) }
    // A web proxy is given no path with a '.' in it at all.
    let code = serves && path.contains("/./") ? "bad-route" : "bad-folder"
    for error in [suggested, chosen] { #expect(error?.code == code, "\(String(describing: error))") }
  }

  @Test("a setting that leads into another instance's folder is refused by its name", arguments: [false, true])
  func setting(_ serves: Bool) async throws {
    let path = "\(ScopePaths.system.instances)/crate/other/data"
    let error = await refusal { try await plan(Plugin(suggested: "/mnt/x", serves: serves), more: path) }
    #expect(error?.code == "directory-in-use", "\(String(describing: error))")
    #expect(error?.remedy?.text == "add --set more=VALUE")
  }

  @Test("a setting that leads around another instance's folder is refused as well", arguments: [false, true])
  func around(_ serves: Bool) async throws {
    let host = try TestHost(.system)
    _ = try await host.berth().install(InstallRequest(app: "demo", directory: "/srv/films/demo"))
    let plugin = Plugin(suggested: "/srv/films", serves: serves)
    let error = await refusal {
      _ = try await host.berth([plugin]).planInstall([InstallRequest(app: "crate", name: "A")])
    }
    #expect(error?.code == "directory-in-use" && error?.summary.contains("demo/default") == true)
  }

  /// A program that mounts what a setting names.
  private struct Watch: AppPlugin {
    var manifest: Manifest {
      var manifest = TinyPlugin().manifest
      manifest.settings = [Setting("more", .path)]
      manifest.services[0].mounts = [Mount("/more", from: "{{settings.more}}")]
      return manifest
    }
  }

  @Test("a folder of an instance's own is refused in what another one is shown")
  func inside() async throws {
    let host = try TestHost(.system)
    for tree in ["/mnt/films", "/mnt/x"] { try host.files.makeFolder(tree, mode: 0o755, owner: nil) }
    let berth = host.berth([Watch(), DemoPlugin()])
    _ = try await berth.install(InstallRequest(app: "tiny", name: "A", settings: ["more": "/mnt/films"]))
    for place in ["/mnt/films", "/mnt/films/demo", "/mnt/films/a/b"] {
      let error = await refusal { _ = try await berth.install(InstallRequest(app: "demo", directory: place)) }
      #expect(
        error?.code == "directory-in-use" && error?.summary.contains("tiny/A") == true, "\(place): \(error as Any)")
    }
    // The controls: a name that begins alike, and one that is shown the whole host.
    _ = try await berth.install(InstallRequest(app: "demo", directory: "/mnt/filmsets"))
    _ = try await berth.install(InstallRequest(app: "tiny", name: "B", settings: ["more": "/"]))
    _ = try await berth.install(InstallRequest(app: "demo", directory: "/mnt/other"))
  }

  @Test("the same where both come in one plan, whether it is mounted or served", arguments: [false, true])
  func insideOfPlanned(_ serves: Bool) async throws {
    let host = try TestHost(.system)
    try host.files.makeFolder("/mnt/films", mode: 0o755, owner: nil)
    let plan = try await host.berth([Plugin(suggested: "/mnt/films", serves: serves), DemoPlugin()]).planInstall([
      InstallRequest(app: "crate", name: "A"), InstallRequest(app: "demo", directory: "/mnt/films/demo"),
      InstallRequest(app: "demo", name: "Beside", directory: "/mnt/filmsets/demo"),
    ])
    let refused = plan.refused.filter { $0.record.key.app == "demo" }
    #expect(refused.map(\.error.code) == ["directory-in-use"] && refused[0].error.summary.contains("crate/A"))
  }

  @Test(
    "a setting that shows Berth's own folders is refused",
    arguments: ["/var/lib/berth", "/var/lib/berth/backups", "/etc/berth", "/etc/berth/more"])
  func berths(_ path: String) async throws {
    let host = try TestHost(.system)
    for tree in ["/var/lib/berth/backups", "/etc/berth/more"] {
      try host.files.makeFolder(tree, mode: 0o755, owner: nil)
    }
    let error = await refusal {
      _ = try await host.berth([Plugin(suggested: "/mnt/x")]).planInstall([
        InstallRequest(app: "crate", name: "A", settings: ["more": path])
      ])
    }
    #expect(["directory-in-use", "bad-folder"].contains(error?.code), "\(path): \(String(describing: error))")
  }

  @Test("is no concern of a folder beside it, and what the plugin suggests of the host is shown")
  func beside() async throws {
    let plan = try await plan(Plugin(suggested: "/srv/crate_ab/sub"))
    let shown = plan.changes[0].weakenings.map(\.reason)
    #expect(shown.contains("/srv/crate_ab/sub of the host is shown to it"), "\(shown)")
    #expect(shown.contains("/srv/crate_{{instance.slug}} of the host is shown to it"), "\(shown)")
  }
}
