import BerthKit
import Testing

@testable import BerthRender

/// What a person's own Podman is given; that it runs is tried on a host that has it.
@Suite("Unit files of a person's containers") struct PersonContainerTests {
  private func files(_ stage: Stage, _ change: (inout Service) -> Void = { _ in }) throws -> [RenderedFile] {
    var manifest = sampleManifest(settings: [], ports: [])
    var service = Service("main", .container(Container(image: "registry.example/web:1")))
    change(&service)
    manifest.services = [service]
    manifest.jobs = [Job("tidy", at: [.install], service: "main", action: Action(exec: ["tidy"], timeout: 5))]
    try ManifestValidator(manifest).validate()
    let plain = try instance(manifest, settings: [:], ports: [:])
    let values = InstanceValues(
      key: plain.key, uid: plain.uid, name: plain.name, slug: plain.slug, user: stage.instanceUser,
      numbers: (1000, 1001),
      settings: plain.settings, ports: plain.ports)
    let context = stage.context(manifest)
    return try UnitRenderer(manifest: manifest, context: context)
      .containers(of: values, variables: Variables(manifest: manifest, instance: values, context: context))
  }

  private func users(_ change: (inout Service) -> Void) throws -> [[String]] {
    try files(.user, change).dropFirst().map { file in
      file.text.split(separator: "\n").map(String.init).filter {
        $0.hasPrefix("User") || $0.contains("IDMap=") || $0.hasPrefix("Group=")
      }
    }
  }

  @Test(
    "the number that writes a container's files is the person's on the host",
    arguments: [
      ("{{instance.uid}}:{{instance.gid}}", ["User=1000:1001", "UserNS=keep-id:uid=1000,gid=1001"]),
      ("999:998", ["User=999:998", "UserNS=keep-id:uid=999,gid=998"]), ("77", ["User=77", "UserNS=keep-id:uid=77"]),
      // Podman makes root the person by itself.
      ("0:0", ["User=0:0"]), (nil, []),
    ] as [(String?, [String])])
  func numbers(_ user: String?, _ lines: [String]) throws {
    #expect(
      try users { $0.container?.user = try? user.map { try Template(parsing: $0) } } == [lines, lines])
  }

  @Test("an image that starts as root and is told the instance's number writes as the person")
  func told() throws {
    let lines = ["User=0", "UserNS=keep-id:uid=1000,gid=1001"]
    #expect(try users { $0.environment = [.init("PUID", "{{instance.uid}}")] } == [lines, lines])
  }

  @Test("no unit of a person waits for the host's network, as nobody says there when it is up")
  func network() throws {
    for stage in [Stage.system, .user] {
      for file in try files(stage) {
        #expect(file.text.contains("\n[Quadlet]\nDefaultDependencies=false\n") == (stage == .user), "\(file.path)")
      }
    }
  }
}
