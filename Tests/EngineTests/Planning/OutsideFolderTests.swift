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
