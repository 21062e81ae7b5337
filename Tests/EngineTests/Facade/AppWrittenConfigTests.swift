import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

/// An app that writes its own config file.
private struct WritingPlugin: AppPlugin {
  var manifest: Manifest {
    Manifest(
      id: "writer", name: "Writer", summary: "An app that writes its config", category: .media, version: "1",
      settings: [Setting("size", .int, default: "4")],
      services: [Service(exec: ["/usr/bin/true"])],
      config: [
        ConfigFile(
          "app.json", .json, values: [.init(path: ["limits", "size"], "{{settings.size}}")],
          initial: [.init(path: ["theme"], "dark")])
      ],
      backup: [BackupSet("config", .files(paths: ["{{paths.config}}"], exclude: [], isHot: true))])
  }
}

@Suite("Config files that the app writes too") struct AppWrittenConfigTests {
  private func installed() async throws -> (host: TestHost, record: InstanceRecord, file: String) {
    let host = try TestHost()
    _ = try await host.berth([WritingPlugin()]).install(InstallRequest(app: "writer"))
    let record = try host.record(app: "writer")
    return (host, record, "\(host.paths.instance(record.key))/config/app.json")
  }

  private func write(_ text: String, _ file: String, _ host: TestHost) throws {
    try host.files.write(text, to: file, mode: 0o600, owner: nil, anchor: nil)
  }

  @Test("what the app makes of the file in its own style, and of initial values, is as it should be")
  func rewritten() async throws {
    let (host, record, file) = try await installed()
    #expect(
      try host.files.read(file) == "{\n  \"limits\": {\n    \"size\": 4\n  },\n  \"theme\": \"dark\"\n}\n")
    let own = "{\"theme\":\"light\",\"limits\":{\"size\":4.0,\"age\":9},\"seen\":true}"
    try write(own, file, host)
    #expect(try await host.berth([WritingPlugin()]).doctor().map(\.code) == [])
    _ = try await host.berth([WritingPlugin()]).change(record, ChangeWish(settings: ["size": "5"]))
    #expect(try host.files.read(file) == own.replacing("4.0", with: "5"))
  }

  @Test("a file that the app or a person has broken is named with its line and never written over")
  func broken() async throws {
    let (host, record, file) = try await installed()
    let text = "{\n  \"limits\": {\n    \"size\": 4,\n  }\n}\n"
    try write(text, file, host)
    let berth = host.berth([WritingPlugin()])
    let error = await refusal { _ = try await berth.change(record, ChangeWish(settings: ["size": "5"])) }
    #expect(error?.code == "broken-config-file")
    #expect(error?.kind.exitStatus == 65)
    #expect(error?.location == "\(file):4")
    #expect(error?.remedy == "mend line 4 of \(file)")
    #expect(try host.files.read(file) == text)
    #expect(try await berth.doctor().map(\.subject) == ["writer/default"])
    _ = try await berth.remove([record], keepsData: false)
    #expect(try host.registry.all() == [])
  }
}
