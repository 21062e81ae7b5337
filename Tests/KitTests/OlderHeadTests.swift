import BerthKit
import Foundation
import Testing

/// What archives of an older Berth say of their plugin.
@Suite("Manifests in older archives") struct OlderHeadTests {
  private func without(_ keys: [String], _ value: some Encodable) throws -> Data {
    let data = try JSONEncoder().encode(value)
    var object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    for key in keys { object[key] = nil }
    return try JSONSerialization.data(withJSONObject: object)
  }

  @Test("a container, and a service of a file for Docker Compose, are read without the words that came later")
  func words() throws {
    let container = Container(image: "registry.example/x:1", user: "1000:1000", devices: [.init("/dev/fuse")])
    let words = [
      "group", "entrypoint", "exec", "workdir", "labels", "places", "shmSize", "network", "networks",
    ]
    #expect(try JSONDecoder().decode(Container.self, from: without(words, container)) == container)
    let service = ComposeFile.Service("app", image: "registry.example/x:1", places: ["/tmp"])
    let later = ["name", "user", "variables", "network", "stopSignal", "stopGrace", "restarts", "hasLogging"]
    #expect(try JSONDecoder().decode(ComposeFile.Service.self, from: without(later, service)) == service)
    let file = ComposeFile(name: "compose.yaml", text: "x", services: [])
    #expect(try JSONDecoder().decode(ComposeFile.self, from: without(["defaulted"], file)) == file)
  }
}
