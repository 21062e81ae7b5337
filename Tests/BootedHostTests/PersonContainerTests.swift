import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  /// Podman without root, in the scope of the person whose manager lingers.
  @Suite("a person's own containers")
  struct PersonContainerTests {
    init() throws { try BootedHost.require() }

    /// Gives the host a way out for a while, as every real one has: what carries the packets of a person's containers takes its
    /// own from the network that leads there, and from Docker's where there is none.
    private func withPlugins(_ body: (String) async throws -> Void) async throws {
      try await BootedHost.run("ip", "link", "add", "uplink", "type", "veth", "peer", "uplink-far")
      do {
        try await BootedHost.run("ip", "address", "add", "192.0.2.2/24", "dev", "uplink")
        try await BootedHost.run("ip", "link", "set", "uplink-far", "up")
        try await BootedHost.run("ip", "link", "set", "uplink", "up")
        try await BootedHost.run("ip", "route", "add", "default", "via", "192.0.2.1")
        try await BootedHost.withPlugins(body)
      } catch {
        try await BootedHost.run("ip", "link", "delete", "uplink")
        throw error
      }
      try await BootedHost.run("ip", "link", "delete", "uplink")
    }

    private static let image = "localhost/berth-test/web:1"

    private static func picture() async throws -> HostPicture {
      try await .take(of: HostPicture.operatorFolders + ["/home/operator/.config/containers/systemd"], .operator)
    }

    /// A command of the person's; its output.
    @discardableResult
    private func act(_ words: String..., fails: Bool = false) async throws -> String {
      let variables = ["HOME=/home/operator", "XDG_RUNTIME_DIR=/run/user/1000"]
      let result = try await SubprocessRunner().run(
        Command("runuser", ["-u", "operator", "--", "env", "--chdir=/"] + variables + words))
      #expect((result.status == 0) == !fails, "\(words): \(result.errorOutput)")
      return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The containers and networks that the person's Podman has.
    private func left() async throws -> [String] {
      let containers = try await act("podman", "ps", "--all", "--format", "{{.Names}}")
      let networks = try await act("podman", "network", "ls", "--format", "{{.Name}}")
      return (containers + "\n" + networks).split(separator: "\n").map(String.init).filter { $0 != "podman" }.sorted()
    }

    private func owner(_ path: String) throws -> String? {
      try FileManager.default.attributesOfItem(atPath: path)[.ownerAccountName] as? String
    }

    @Test(
      "two instances live side by side as that person, come back with the manager, and leave nothing",
      arguments: [Person.operator, Person(user: "operator")])
    func sideBySide(person: Person) async throws {
      let before = try await Self.picture()
      try await withPlugins { plugins in
        let person = person.with(plugins: plugins)
        try Containers.put("web", in: plugins, port: 18300)
        try await act("load-image", "podman", "web-1", Self.image)
        let kids = try await person.install("web", "--instance-name", "Kids", "--set", "text=a \"b\" %i $X")
        let adults = try await person.install("web", "--instance-name", "Adults")
        #expect(kids["status"].text == "running" && kids.port != adults.port)
        for port in [kids.port, adults.port] { #expect(try await Containers.answer(port) == "1") }
        #expect(try await left() == ["web_adults", "web_adults", "web_kids", "web_kids"])
        // Podman of root has none of these containers.
        #expect(try await Containers.left() == [])
        let folder = try #require(kids["dir"].text)
        #expect(folder.hasPrefix("/home/operator/.local/state/berth/instances/web/"))
        #expect(try owner("\(folder)/data/config/environment") == "operator")
        let variables = try String(contentsOfFile: "\(folder)/data/config/environment", encoding: .utf8)
        #expect(variables.split(separator: "\0").contains("TEXT=a \"b\" %i $X"))
        let doctor = try await person.berth("doctor")
        #expect(doctor.status == 0, "\(doctor.output) \(doctor.errors)")

        // The port of one is the host's alone, and no way leads to it from the other.
        for address in ["127.0.0.1", "169.254.1.2", "host.containers.internal"] {
          let url = "http://\(address):\(adults.port)/version"
          try await act(
            "podman", "exec", "web_kids", "/usr/bin/curl", "-sf", "--max-time", "3", url, fails: true)
        }
        #expect(try await person.log("web", until: "listens on port").contains("web 1 listens on port 8080"))

        #expect(try await person.berth("stop", "web", "--instance", "Kids").status == 0)
        #expect(try await left() == ["web_adults", "web_adults"])
        #expect(try await person.berth("start", "web", "--instance", "Kids").status == 0)
        try await act("podman", "kill", "web_kids")
        try await eventually("the answer after a crash") { try await Containers.answer(kids.port) == "1" }
        // What a reboot means to a person's services.
        try await BootedHost.run("systemctl", "restart", "user@1000.service")
        for port in [kids.port, adults.port] {
          try await eventually("the answer after a boot") { try await Containers.answer(port) == "1" }
        }
        let remove = try await person.berth("remove", "web", "--all", "--yes")
        #expect(remove.status == 0, "\(remove.errors)")
      }
      #expect(try await Self.picture().added(to: before) == [])
      #expect(try await left() == [])
    }

    @Test("what a container keeps is backed up, comes back, is in a copy, and a failed update goes back")
    func life() async throws {
      try await withPlugins { plugins in
        let person = Person.operator.with(plugins: plugins)
        try Containers.put("web", in: plugins, port: 18310)
        try await act("load-image", "podman", "web-1", Self.image)
        let instance = try await person.install("web")
        try await act("podman", "exec", "web_default", "/usr/bin/touch", "/config/mark")
        #expect(try await person.berth("backup", "web").status == 0)
        try await act("podman", "exec", "web_default", "/usr/bin/rm", "/config/mark")
        let restore = try await person.berth("restore", "web", "--yes")
        #expect(restore.status == 0, "\(restore.errors)")
        try await act("podman", "exec", "web_default", "/usr/bin/ls", "/config/mark")
        let clone = try await person.berth("clone", "web", "--instance-name", "Copy", "--json")
        #expect(clone.status == 0, "\(clone.errors)")
        try await act("podman", "exec", "web_copy", "/usr/bin/ls", "/config/mark")
        try await act("load-image", "podman", "broken", Self.image)
        #expect(try await person.berth("update", "web", "--instance", "default").status == 70)
        #expect(try await Containers.answer(instance.port) == "1")
        try await act("load-image", "podman", "web-2", Self.image)
        #expect(try await person.berth("update", "web", "--all").status == 0)
        #expect(try await Containers.answer(instance.port) == "2")
        #expect(try await person.berth("remove", "web", "--all", "--yes").status == 0)
      }
      #expect(try await left() == [])
    }

    @Test("an image that starts as root and becomes the number it is told leaves the person's own files")
    func told() async throws {
      try await withPlugins { plugins in
        let person = Person.operator.with(plugins: plugins)
        try Containers.put("web", in: plugins, port: 18320)
        let path = "\(plugins)/web/plugin.yaml"
        let yaml = try String(contentsOfFile: path, encoding: .utf8)
        let program = #"$( = $) = $ENV{PGID}; $< = $> = $ENV{PUID}; do '/srv/server.pl'"#
        try yaml.replacing(
          #"container: { image: "{{settings.image}}", user: "{{instance.uid}}:{{instance.gid}}" }"#,
          with: #"container: { image: "{{settings.image}}", exec: [/usr/bin/perl, -e, "\#(program)"] }"#
        ).replacing(
          #"env: { TEXT: "{{settings.text}}" }"#,
          with: """
            env: { PUID: "{{instance.uid}}", PGID: "{{instance.gid}}" }
                capabilities: { CAP_SETUID: "it becomes another user", CAP_SETGID: "the same" }
            """
        ).write(toFile: path, atomically: true, encoding: .utf8)
        try await act("load-image", "podman", "web-1", Self.image)
        let instance = try await person.install("web")
        let folder = try #require(instance["dir"].text)
        #expect(try await Containers.answer(instance.port) == "1")
        #expect(try owner("\(folder)/data/config/environment") == "operator")
        #expect(try await person.berth("remove", "web", "--yes").status == 0)
        #expect(!FileManager.default.fileExists(atPath: folder))
      }
    }

    @Test("what cannot run as the person is refused before anything is made, with what to say instead")
    func refused() async throws {
      let before = try await Self.picture()
      try await withPlugins { plugins in
        let person = Person.operator.with(plugins: plugins)
        try Containers.put("web", in: plugins, port: 18330)
        let path = "\(plugins)/web/plugin.yaml"
        let yaml = try String(contentsOfFile: path, encoding: .utf8)
        try await act("load-image", "podman", "fixed", Self.image)
        try yaml.replacing(#", user: "{{instance.uid}}:{{instance.gid}}""#, with: "")
          .write(toFile: path, atomically: true, encoding: .utf8)
        let own = try await person.berth("install", "web", "--json")
        #expect(own.status == 69 && own.errors.contains(#"user: \"1234:0\""#), "\(own.errors)")
        let docker = try await person.berth("install", "eqmd", "--set", "domain=a.example")
        #expect(docker.status == 69 && docker.errors.contains("system scope only"), "\(docker.errors)")

        let file = "/etc/subuid"
        let ranges = try String(contentsOfFile: file, encoding: .utf8)
        try "other:100000:65536\n".write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? ranges.write(toFile: file, atomically: true, encoding: .utf8) }
        let bare = try await person.berth("install", "web")
        #expect(bare.status == 69 && bare.errors.contains("/etc/subuid names none for 'operator'"), "\(bare.errors)")
        #expect(bare.errors.contains("usermod --add-subuids 165536-231071 --add-subgids 165536-231071 operator"))
      }
      #expect(try await Self.picture().added(to: before) == [])
      #expect(try await left() == [])
    }
  }
}
