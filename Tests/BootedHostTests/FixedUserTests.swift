import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  /// Images whose programs run as a user that the host does not have.
  @Suite("images with a user of their own")
  struct FixedUserTests {
    init() throws { try BootedHost.require() }

    private static let settings = """
      ports:
        http: { protocol: tcp, default: 8870, bind: 127.0.0.1, target: 8080, service: main }
      """

    private func put(_ id: String, in folder: String, image: String, isCompose: Bool, extra: String = "") throws {
      let service =
        isCompose ? "compose: compose.yaml" : "container: { image: \"\(image)\"\(extra.isEmpty ? "" : ", \(extra)") }"
      let yaml = """
        schema: 1
        id: \(id)
        name: \(id)
        summary: Only for a test
        category: web
        version: "1"
        \(Self.settings)
        services:
          main:
            \(service)
            mounts: { /rows: rows, /notes: "{{paths.data}}/notes" }
            stop: { grace: 2s }
            ready: { http: { port: http, path: / }, timeout: 20s }
        backup: { rows: { files: ["{{paths.data}}/volumes/rows", "{{paths.data}}/notes"], hot: true } }
        """
      try FileManager.default.createDirectory(atPath: "\(folder)/\(id)/files", withIntermediateDirectories: true)
      try yaml.write(toFile: "\(folder)/\(id)/plugin.yaml", atomically: true, encoding: .utf8)
      guard isCompose else { return }
      try "services: { main: { image: \"\(image)\" \(extra.isEmpty ? "" : ", \(extra)") } }\nvolumes: { rows: }\n"
        .write(
          toFile: "\(folder)/\(id)/files/compose.yaml", atomically: true, encoding: .utf8)
    }

    /// What the numbers of a file's user and group are.
    private func owner(_ path: String) throws -> [Int] {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      return try [.ownerAccountID, .groupOwnerAccountID].map { try #require(attributes[$0] as? Int) }
    }

    @Test(
      "they write volumes and folders of the instance, through a backup and back and in a copy",
      arguments: [
        ("podman", "fixed", "", [1234, 0]), ("docker", "fixed", "", [1234, 0]), ("podman", "named", "", [5, 60]),
        ("docker", "named", "", [5, 60]), ("podman", "fixed", "user: \"77:78\"", [77, 78]),
        ("docker", "named", "user: man", [6, 12]), ("podman", "fixed", "user: \"77\", group: 79", [77, 79]),
      ])
    func writing(_ engine: String, _ image: String, _ extra: String, _ numbers: [Int]) async throws {
      if engine == "docker" { try await BootedHost.run("systemctl", "start", "docker") }
      let reference = "localhost/berth-test/\(image):1"
      try await BootedHost.run("load-image", engine, image, reference)
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        let app = "fixed-\(engine)"
        try put(app, in: plugins, image: reference, isCompose: engine == "docker", extra: extra)
        let plan = try await root.berth("install", app, "--dry-run")
        #expect(plan.output.contains("/data/notes for the user of its container"), "\(plan.output)")
        let folder = try #require(try await root.install(app)["dir"].text)
        func write(_ container: String, _ name: String) async throws {
          for place in ["rows", "notes"] {
            try await BootedHost.run(engine, "exec", container, "/usr/bin/touch", "/\(place)/\(name)")
          }
        }
        try await write("\(app)_default", "first")
        #expect(try owner("\(folder)/data/volumes/rows/first") == numbers)
        #expect(try owner("\(folder)/data/volumes/rows") == numbers && owner("\(folder)/data/notes") == numbers)
        let own = try owner("\(folder)/data")
        #expect(own[0] >= 1_900_000_000)
        #expect(try owner("\(folder)/data/volumes") == own)
        #expect(try await root.berth("doctor").status == 0)
        // Nothing of it is anybody's to be given back, and nothing has changed.
        let update = try await root.berth("update", app, "--dry-run")
        #expect(update.output.contains("nothing") || !update.output.contains("folder"), "\(update.output)")
        let backup = try await root.berth("backup", app)
        #expect(backup.status == 0, "\(backup.errors)")
        #expect(try await root.berth("stop", app).status == 0)
        try FileManager.default.removeItem(atPath: "\(folder)/data/volumes/rows")
        let restore = try await root.berth("restore", app, "--yes")
        #expect(restore.status == 0, "\(restore.errors)")
        #expect(try await root.berth("start", app).status == 0)
        try await write("\(app)_default", "second")
        #expect(try owner("\(folder)/data/volumes/rows/second") == numbers)
        let clone = try await root.berth("clone", app, "--instance-name", "Copy")
        #expect(clone.status == 0, "\(clone.errors)")
        try await write("\(app)_copy", "third")
        #expect(try await root.berth("remove", app, "--all", "--yes").status == 0)
      }
      // What the image was looked at with is gone as well.
      #expect(try await BootedHost.output(engine, "ps", "--all", "--quiet") == "")
      #expect(try await BootedHost.output(engine, "volume", "ls", "--quiet") == "")
    }

    @Test("an installation that names a user the image does not have fails, and leaves nothing behind")
    func unknown() async throws {
      try await BootedHost.run("systemctl", "start", "docker")
      let reference = "localhost/berth-test/fixed:1"
      try await BootedHost.run("load-image", "docker", "fixed", reference)
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try put("fixed-nobody", in: plugins, image: reference, isCompose: true, extra: "user: nobody-at-all")
        let run = try await root.berth("install", "fixed-nobody", "--json")
        #expect(run.status == 65 && run.errors.contains("no-image-user"), "\(run.errors)")
        #expect(try await root.berth("list", "fixed-nobody", "--json").json().list.isEmpty)
      }
      #expect(try await BootedHost.output("docker", "ps", "--all", "--quiet") == "")
    }
  }
}
