import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("hospitals on bad days")
  struct HospitalBadDayTests {
    private static let image = "localhost/berth-test/eqmd:1"
    private static let hostile = #"São "José" 'of' $HOME ${X} #1; %i \e"#

    init() throws { try BootedHost.require() }

    @Test("what a value holds is what the program, Compose and a shell read")
    func hostile() async throws {
      try await Hospitals.withDocker {
        try await Hospitals.load("postgres", as: Hospitals.postgres)
        try await Hospitals.load("django-1", as: Self.image)
        let hospital = try await Hospitals.install(
          "Odd", image: Self.image, "--set", "hospital-name=\(Self.hostile)", "--set", "hospital-address=a'b\\")
        #expect(try await Hospitals.page(hospital, "/") == "\(Self.hostile), version 1")
        let folder = try #require(hospital["dir"].text)
        for name in [".env", "compose.berth.json"] {
          let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
          #expect(attributes[.posixPermissions] as? Int == 0o600 && attributes[.ownerAccountName] as? String == "root")
        }
        let shell = try await BootedHost.output(
          "sh", "-c", ". \(folder)/.env; printf '%s|%s' \"$HOSPITAL_NAME\" \"$HOSPITAL_ADDRESS\"")
        #expect(shell == "\(Self.hostile)|a'b\\")
        let file = "\(folder)/data/probe.yaml"
        try "services: { x: { image: y, labels: { a: \"${HOSPITAL_NAME}\", b: \"${HOSPITAL_ADDRESS}\" } } }\n"
          .write(toFile: file, atomically: true, encoding: .utf8)
        let read = try await BootedHost.output(
          "docker", "compose", "--env-file", "\(folder)/.env", "--file", file, "config", "--format", "json")
        // Compose doubles the dollar signs of what it prints, so that it could be read again.
        let labels = try JSON(parsing: read)["services"]["x"]["labels"]
        #expect(labels["a"].text?.replacing("$$", with: "$") == Self.hostile && labels["b"].text == "a'b\\")
        let refused = try await Person.root.berth("config", "set", "eqmd", "hospital-name=a'b`c")
        #expect(refused.status == 64 && refused.errors.contains("cannot stand in .env"), "\(refused.errors)")
        try await Hospitals.removeAll()
      }
    }

    @Test("an image that is not there, ends at once or never gets well is an error, and leaves nothing")
    func badImages() async throws {
      let before = try await HostPicture.take(of: HostPicture.systemFolders, .root)
      try await BootedHost.withPlugins { plugins in
        try Self.putWard(in: plugins)
        try await Hospitals.withDocker {
          try await Hospitals.load("postgres", as: Hospitals.postgres)
          try await Hospitals.load("broken", as: "localhost/berth-test/broken:1")
          try await Hospitals.load("sick", as: "localhost/berth-test/sick:1")
          try await Hospitals.load("django-1", as: Self.image)
          let made = "localhost/berth-test"
          let cases = [
            (Hospitals.words("Bad", image: "\(made)/nothing:1"), "no-image", 69),
            (Hospitals.words("Bad", image: "registry.invalid/eqmd:1"), "no-image", 69),
            (
              Hospitals.words("Bad", image: Self.image, postgres: "\(made)/broken:1"),
              "this image is broken on purpose",
              70
            ),
            (["install", "ward", "--set", "image=\(made)/sick:1", "--json"], "which says 500", 70),
          ]
          for (words, says, status) in cases {
            let run = try await Person.root.with(plugins: plugins).berth(words)
            #expect(run.status == Int32(status), "\(run.errors)")
            #expect(run.errors.contains(says), "\(run.errors)")
            #expect(try await Hospitals.left() == [])
          }
          #expect(try await HostPicture.take(of: HostPicture.systemFolders, .root).added(to: before) == [])
        }
      }
      let silent = try await Person.root.berth(Hospitals.words("Bad", image: Self.image))
      #expect(silent.status == 69 && silent.errors.contains("docker-silent"), "\(silent.errors)")
    }

    @Test("a host that lacks Docker, Compose, Podman or its generator is told what is missing, before anything else")
    func missing() async throws {
      let before = try await HostPicture.take(of: HostPicture.systemFolders, .root)
      try await Hospitals.withDocker {
        let jellyfin = ["install", "jellyfin", "--set", "image=\(Self.image)", "--json"]
        let hospital = Hospitals.words("Bad", image: Self.image)
        let plugins = ["/usr/libexec/docker/cli-plugins", "/usr/lib/docker/cli-plugins"].map { "\($0)/docker-compose" }
        let compose = try #require(plugins.first(where: FileManager.default.fileExists))
        let cases = [
          ("/usr/bin/docker", hospital, "no-docker"), (compose, hospital, "no-compose"),
          ("/usr/bin/podman", jellyfin, "no-podman"),
          ("/usr/lib/systemd/system-generators/podman-system-generator", jellyfin, "no-quadlet"),
        ]
        for (program, words, code) in cases {
          try FileManager.default.moveItem(atPath: program, toPath: "\(program).away")
          defer { try? FileManager.default.moveItem(atPath: "\(program).away", toPath: program) }
          let run = try await Person.root.berth(words)
          #expect(run.status == 69, "\(run.errors)")
          #expect(run.errors.contains("\"\(code)\""), "\(run.errors)")
        }
      }
      #expect(try await HostPicture.take(of: HostPicture.systemFolders, .root).added(to: before) == [])
    }

    @Test("a program that is killed comes back, and so does a hospital after a restart of Docker")
    func comesBack() async throws {
      try await Hospitals.withDocker {
        try await Hospitals.load("postgres", as: Hospitals.postgres)
        try await Hospitals.load("django-1", as: Self.image)
        let hospital = try await Hospitals.install("North", image: Self.image)
        try await Hospitals.admit("Ana", to: hospital)
        try await BootedHost.run("docker", "kill", "eqmd_north_eqmd")
        try await until { try await Hospitals.page(hospital, "/patients/") == #"["Ana"]"# }
        try await BootedHost.run("systemctl", "restart", "docker")
        try await until { try await Hospitals.page(hospital, "/patients/") == #"["Ana"]"# }
        try await until { try await Person.root.berth("status", "eqmd", "--json").json()["status"].text == "running" }
        try await Hospitals.removeAll()
      }
    }

    /// A plugin with one service of Docker Compose that should answer soon.
    private static func putWard(in folder: String) throws {
      let yaml = """
        schema: 1
        id: ward
        name: Ward
        summary: Only for a test
        category: health
        version: "1"
        settings: { image: { type: image } }
        ports: { http: { protocol: tcp, default: 18790, bind: 127.0.0.1, target: 8080 } }
        services:
          main:
            compose: compose.yaml
            env: { IMAGE: "{{settings.image}}" }
            stop: { grace: 2s }
            ready: { http: { port: http, path: /health }, timeout: 5s }
        """
      try FileManager.default.createDirectory(atPath: "\(folder)/ward/files", withIntermediateDirectories: true)
      try yaml.write(toFile: "\(folder)/ward/plugin.yaml", atomically: true, encoding: .utf8)
      try "services: { main: { image: \"${IMAGE}\" } }\n"
        .write(toFile: "\(folder)/ward/files/compose.yaml", atomically: true, encoding: .utf8)
    }

    private func until(_ condition: () async throws -> Bool) async throws {
      for _ in 0..<120 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(500))
      }
      Issue.record("it did not come within a minute")
    }
  }
}
