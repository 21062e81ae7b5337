import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("what broke off before the host went down")
  struct RecoveryTests {
    init() throws { try BootedHost.require() }

    private func unit(_ person: Person) -> String {
      let folder = person.user == nil ? "/etc/systemd/system" : "/home/operator/.config/systemd/user"
      return "\(folder)/berth-recover.service"
    }

    private func systemctl(_ person: Person, _ words: String...) async throws -> String {
      guard let user = person.user else { return try await SubprocessRunner().succeed(Command("systemctl", words)) }
      let line =
        ["-u", user, "--", "/usr/bin/env", "XDG_RUNTIME_DIR=/run/user/1000", "systemctl", "--user"] + words
      return try await SubprocessRunner().succeed(Command("runuser", line))
    }

    /// All that a boot does to an instance, which would end the test too: everything down, then what a boot starts.
    private func boot(_ person: Person) async throws {
      guard person.user == nil else {
        _ = try await BootedHost.run("systemctl", "restart", "user@1000.service")
        return
      }
      try await BootedHost.run("systemctl", "stop", "chest@*.target", "chest@*.service")
      try await BootedHost.run("systemctl", "daemon-reload")
      try await BootedHost.run("systemctl", "start", "multi-user.target")
    }

    @Test(
      "is taken back by the next boot before its services start, and nobody types anything",
      arguments: [Person.root, .operator])
    func boots(person plain: Person) async throws {
      #expect(!FileManager.default.fileExists(atPath: unit(plain)))
      try await BootedHost.withPlugins { plugins in
        try Plugin.put(
          "chest", in: plugins, perl: "sleep 1 while 1", extra: "backup: { data: { files: ['{{paths.data}}'] } }")
        let person = plain.with(plugins: plugins)
        let instance = try await person.install("chest")
        let world = try #require(instance["dir"].text) + "/data/world"
        func write(_ text: String) throws { try text.write(toFile: world, atomically: false, encoding: .utf8) }
        func text() -> String { (try? String(contentsOfFile: world, encoding: .utf8)) ?? "" }
        try write("first")
        var info = stat()
        #expect(stat((world as NSString).deletingLastPathComponent, &info) == 0)
        #expect(chown(world, info.st_uid, info.st_gid) == 0)
        #expect(try await person.berth("backup", "chest").status == 0)
        try write("second")
        // Killed when the former data is set aside, and the unpacked one is in its place.
        for point in 8...60 where text() == "second" {
          var killed = person
          killed.environment["BERTH_FAULT"] = "kill:\(point)"
          #expect(try await killed.berth("restore", "chest", "--yes").status == 137)
          if text() == "second" { #expect(try await person.berth("operations", "recover").status == 0) }
        }
        #expect(text() == "first")
        #expect(try await person.berth("status", "chest", "--json").json()["status"].text == "incomplete")

        try await boot(person)
        var status: JSON = .null
        for _ in 0..<150 {
          status = try await person.berth("status", "chest", "--json").json()["status"]
          if status.text == "running" { break }
          try await Task.sleep(for: .milliseconds(200))
        }
        #expect(status.text == "running")
        #expect(text() == "second")
        let newest = try await person.berth("operations", "list", "--json").json()[0]
        #expect(newest["verb"].text == "restore" && newest["status"].text == "undone", "\(newest)")
        #expect(try await person.berth("doctor").status == 0)
        let order = try await systemctl(person, "show", "--property=After", "chest@default.service")
        #expect(order.contains("berth-recover.service"), "\(order)")
        // Where nothing broke off, it is over at once and says nothing.
        _ = try await systemctl(person, "start", "berth-recover.service")
        #expect(try await systemctl(person, "show", "--property=Result", "berth-recover.service") == "Result=success\n")

        #expect(try await person.berth("remove", "chest", "--yes").status == 0)
        for backup in try await person.berth("backups", "list", "chest", "--json").json().list {
          #expect(try await person.berth("backups", "remove", backup["id"].text ?? "", "--yes").status == 0)
        }
      }
      #expect(!FileManager.default.fileExists(atPath: unit(plain)))
    }
  }
}
