import BerthKit
import BerthRender
import Testing

/// The words of a container of Podman's, byte for byte.
@Suite("Words of a container") struct ContainerWordTests {
  private static let hostile = #"a "b" 'c' $HOME ${X} %i \e; `f`"#

  private func files(_ change: (inout Manifest) -> Void = { _ in }) throws -> [String: String] {
    var manifest = sampleManifest(
      settings: [Setting("word", .string, default: "plain")],
      ports: [PortRole("http", [.tcp], default: 8080, bind: "127.0.0.1", service: "side", target: 80)])
    manifest.services = [
      Service(
        "main",
        .container(
          Container(
            image: "registry.example/web:1", user: "1000", group: 1001, entrypoint: ["/bin/run", "{{settings.word}}"],
            exec: ["--say", "{{settings.word}}"], workdir: "/srv/my work",
            labels: [.init("org.example.word", "{{settings.word}}"), .init("plain", "x")],
            places: ["/scratch:size=8m,mode=1777", "/other"], shmSize: "32M",
            networks: [.init("back", aliases: ["desk", "table"]), .init("default", aliases: ["front"])]))),
      Service("side", .container(Container(image: "registry.example/side:1", network: "main")), dependsOn: ["main"]),
      Service("alone", .container(Container(image: "registry.example/alone:1", networks: [.init("back")]))),
    ]
    manifest.jobs = [
      Job("sweep", at: [.install], service: "main", action: Action(exec: ["/sweep"], timeout: 5)),
      Job("look", at: [.install], service: "side", action: Action(exec: ["/look"], timeout: 5)),
    ]
    change(&manifest)
    try ManifestValidator(manifest).validate()
    let values = try instance(manifest, settings: ["word": .text(Self.hostile)], ports: ["http": 8080])
    let context = Stage.system.context(manifest)
    let files = try UnitRenderer(manifest: manifest, context: context)
      .containers(of: values, variables: Variables(manifest: manifest, instance: values, context: context))
    return Dictionary(uniqueKeysWithValues: files.map { (String($0.path.split(separator: "/").last ?? ""), $0.text) })
  }

  private func lines(_ text: String?, _ keys: [String]) -> [String] {
    (text ?? "").split(separator: "\n").map(String.init).filter { line in keys.contains { line.hasPrefix("\($0)=") } }
  }

  @Test("each is the key that Podman's generator has for it, and no value leaves it")
  func words() throws {
    let file = try files()["sample@default.container"]
    let keys = ["Entrypoint", "Exec", "User", "Group", "WorkingDir", "Label", "Tmpfs", "ShmSize", "Network"]
    #expect(
      lines(file, keys) == [
        #"Entrypoint=["/bin/run","a \"b\" 'c' $$HOME $${X} %%i \\e; `f`"]"#,
        "User=1000", "Group=1001", "WorkingDir=/srv/my work",
        #"Label="org.example.word=a \"b\" 'c' $$HOME $${X} %%i \\e; `f`""#, #"Label="plain=x""#,
        "Tmpfs=/scratch:size=8m,mode=1777", "Tmpfs=/other", "ShmSize=33554432",
        "Network=sample-back@default.network:alias=main,alias=desk,alias=table",
        "Network=sample@default.network:alias=main,alias=front",
        #"Exec="--say" "a \"b\" 'c' $$HOME $${X} %%i \\e; `f`""#,
      ])
  }

  @Test("a network beside the shared one is the instance's own, and only what is in it has it")
  func networks() throws {
    let files = try files()
    #expect(
      files.keys.sorted() == [
        "sample-alone@default.container", "sample-back@default.network", "sample-look@default.container",
        "sample-side@default.container", "sample-sweep@default.container", "sample@default.container",
        "sample@default.network",
      ])
    #expect(
      lines(files["sample-back@default.network"], ["NetworkName", "Options", "ExecStop"]) == [
        "NetworkName=sample_kids_back", "Options=isolate=true", "ExecStop=-/usr/bin/podman network rm sample_kids_back",
      ])
    #expect(
      lines(files["sample-alone@default.container"], ["Network"]) == [
        "Network=sample@default.network:alias=alone", "Network=sample-back@default.network:alias=alone",
      ])
    let few = try self.files {
      $0.services[0].container?.networks = []
      $0.services[2].container?.networks = []
    }
    #expect(few["sample-back@default.network"] == nil)
  }

  @Test("a service in another's network has its ports opened by that one, and its jobs are in there too")
  func shared() throws {
    let files = try files()
    let side = files["sample-side@default.container"]
    #expect(lines(side, ["Network", "PublishPort"]) == ["Network=container:sample_kids"])
    #expect(lines(files["sample@default.container"], ["PublishPort"]) == ["PublishPort=127.0.0.1:8080:80/tcp"])
    #expect(lines(side, ["Requires", "After"]).contains("Requires=sample@default.service"))
    // Whoever opens a port is who makes sure that it is free.
    #expect(side?.contains("\"free\"") == false && files["sample@default.container"]?.contains("\"tcp/8080\"") == true)
    #expect(lines(files["sample-look@default.container"], ["Network"]) == ["Network=container:sample_kids"])
    #expect(
      lines(files["sample-sweep@default.container"], ["Network", "Exec", "Entrypoint"]).dropFirst() == [
        "Network=sample-back@default.network", "Network=sample@default.network", #"Exec="/sweep""#,
      ])
  }
}
