import BerthKit
import BerthPlugins
import Testing

@testable import BerthRender

@Suite("A group that instances share") struct SharedGroupTests {
  private func instance(_ manifest: Manifest, group: SharedGroup?) throws -> InstanceValues {
    InstanceValues(
      key: InstanceKey(app: manifest.id, id: .default), uid: "00000000-0000-4000-8000-000000000001",
      name: try InstanceName("Kids"), slug: "kids",
      user: "berth-0123456789ab", numbers: (1_900_000_007, 1_900_000_007), settings: [:], ports: [:], sharedGroup: group
    )
  }

  private func manifest(_ form: Service.Form) -> Manifest {
    var manifest = sampleManifest()
    manifest.services = [Service("main", form, environment: [.init("PGID", "{{instance.shared-gid}}")])]
    manifest.compose = ComposeFile(
      name: "compose.yaml", text: "services: {}\n", services: [.init("main", image: "registry.example/web:1")])
    manifest.jobs = [Job("tidy", at: [.install], service: "main", action: Action(exec: ["tidy"], timeout: 5))]
    return manifest
  }

  private static let media = SharedGroup("media", 1500)

  @Test("programs of the host's and their jobs are in it, with a umask that leaves it its rights")
  func programs() throws {
    let manifest = manifest(.exec(["/usr/bin/sample"]))
    let context = Stage.system.context(manifest)
    for group in [Self.media, nil] {
      let values = try instance(manifest, group: group)
      let files = try UnitRenderer(manifest: manifest, context: context)
        .dropIns(for: values, variables: Variables(manifest: manifest, instance: values, context: context))
      #expect(files.count == 2)
      for file in files {
        #expect(file.text.contains("\nSupplementaryGroups=media\nUMask=0002\n") == (group != nil), "\(file.path)")
      }
    }
  }

  @Test("containers of Podman's and their jobs have its number, inside a user namespace too")
  func podman() throws {
    let manifest = manifest(
      .container(Container(image: "registry.example/web:1", user: "{{instance.uid}}:{{instance.gid}}")))
    let context = Stage.system.context(manifest)
    for group in [Self.media, nil] {
      let values = try instance(manifest, group: group)
      let variables = Variables(manifest: manifest, instance: values, context: context)
      let files = try UnitRenderer(manifest: manifest, context: context).containers(of: values, variables: variables)
        .filter { $0.path.hasSuffix(".container") }
      #expect(files.count == 2)
      for file in files {
        for line in ["GroupAdd=1500", "PodmanArgs=--umask=0002", "GIDMap=1500:1500:1"] {
          #expect(file.text.contains("\n\(line)\n") == (group != nil), "\(file.path): \(line)")
        }
      }
      #expect(try variables.text("{{instance.shared-gid}}") == (group == nil ? "1900000007" : "1500"))
    }
  }

  @Test("Docker Compose is told its number")
  func compose() throws {
    let manifest = manifest(.container(Container(image: "registry.example/web:1", composeFile: "compose.yaml")))
    let context = Stage.system.context(manifest)
    for group in [Self.media, nil] {
      let values = try instance(manifest, group: group)
      let files = try ComposeRenderer(manifest: manifest, context: context)
        .files(of: values, variables: Variables(manifest: manifest, instance: values, context: context))
      #expect(
        files[1].text.contains("\"group_add\" : [\n        \"1500\"\n      ]") == (group != nil), "\(files[1].text)")
    }
  }
}
