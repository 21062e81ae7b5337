import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("backups that are made by themselves")
  struct BackupScheduleTests {
    init() throws { try BootedHost.require() }

    private static let timer = "chest-backup@default.timer"

    @Test(
      "a timer backs up in each scope, as whom it belongs to, and leaves nothing but the backups",
      arguments: [Person.root, .operator])
    func life(person: Person) async throws {
      let folders = person.user == nil ? HostPicture.systemFolders : HostPicture.operatorFolders
      try await BootedHost.withPlugins { plugins in
        try Plugin.put(
          "chest", in: plugins, perl: "sleep 1 while 1",
          extra: """
            backup:
              data: { hot: true, files: ["{{paths.data}}"], before: [{ exec: [/usr/bin/test, "!", -e, "{{paths.cache}}/broken"] }] }
            """)
        let person = person.with(plugins: plugins)
        let before = try await HostPicture.take(of: folders, person)
        let instance = try await person.install("chest")
        let home = try #require(instance["dir"].text)
        try "a map".write(toFile: "\(home)/data/map", atomically: false, encoding: .utf8)
        var info = stat()
        #expect(stat("\(home)/data", &info) == 0 && chown("\(home)/data/map", info.st_uid, info.st_gid) == 0)
        for _ in 0..<3 { #expect(try await person.berth("backup", "chest", "--full").status == 0) }

        let set = try await person.berth("backup", "chest", "--schedule", "*:*:0/2", "--keep-last", "2")
        #expect(set.status == 0, "\(set.errors)")
        #expect(try await systemctl(person, "is-active", Self.timer) == "active")
        let made = try await wait {
          try await backups(person)
        } until: {
          $0.list.first?["reason"].text == "schedule" && $0.list.count == 2
        }
        #expect(made.list.count == 2 && made.list.first?["reason"].text == "schedule", "\(made)")
        let archive = try FileManager.default.attributesOfItem(atPath: made[0]["path"].text ?? "")
        #expect(archive[.posixPermissions] as? Int == 0o600)
        #expect(archive[.ownerAccountName] as? String == person.user ?? "root")

        // What goes wrong is said until it goes right.
        try "".write(toFile: "\(home)/cache/broken", atomically: false, encoding: .utf8)
        func lastSucceeded() async throws -> JSON {
          try await person.berth("status", "chest", "--json").json()["last_backup"]["succeeded"]
        }
        #expect(try await wait(lastSucceeded, until: { $0 == .boolean(false) }) == .boolean(false))
        #expect(try await person.berth("status", "chest").output.contains("failed: "))
        try FileManager.default.removeItem(atPath: "\(home)/cache/broken")
        #expect(try await wait(lastSucceeded, until: { $0 == .boolean(true) }) == .boolean(true))

        #expect(try await person.berth("stop", "chest", "--wait", "60").status == 0)
        #expect(try await systemctl(person, "is-active", Self.timer) == "inactive")
        #expect(try await person.berth("start", "chest").status == 0)
        #expect(try await systemctl(person, "is-active", Self.timer) == "active")
        #expect(try await person.berth("backup", "chest", "--schedule", "off", "--wait", "60").status == 0)
        #expect(try await systemctl(person, "is-active", Self.timer) == "inactive")
        #expect(try await person.berth("doctor").status == 0)

        #expect(try await person.berth("backup", "chest", "--schedule", "*:*:0/2").status == 0)
        let newest = try await backups(person)[0]["id"]
        _ = try await wait {
          try await backups(person)
        } until: {
          $0[0]["id"] != newest
        }
        let removed = try await person.berth("remove", "chest", "--yes", "--wait", "60")
        #expect(removed.status == 0, "\(removed.errors)")
        #expect(try await systemctl(person, "list-timers", "--all", "--no-legend").contains("chest") == false)
        let stamps =
          person.user == nil ? "/var/lib/systemd/timers" : "/home/operator/.local/share/systemd/timers"
        let left = (try? FileManager.default.contentsOfDirectory(atPath: stamps)) ?? []
        #expect(!left.contains { $0.contains("chest") }, "\(left)")
        for backup in try await backups(person).list {
          #expect(try await person.berth("backups", "remove", backup["id"].text ?? "", "--yes").status == 0)
        }
        #expect(
          try await HostPicture.take(of: folders, person).added(to: before).filter {
            !$0.hasSuffix("/backups") && !$0.hasSuffix("/backups/chest") && !$0.hasSuffix("/berth/chest")
          } == [])
      }
    }

    private func backups(_ person: Person) async throws -> JSON {
      try await person.berth("backups", "list", "chest", "--json").json()
    }

    private func systemctl(_ person: Person, _ words: String...) async throws -> String {
      guard let user = person.user else { return try await output("systemctl", words) }
      return try await output(
        "runuser", ["-u", user, "--", "env", "XDG_RUNTIME_DIR=/run/user/1000", "systemctl", "--user"] + words)
    }

    private func output(_ program: String, _ words: [String]) async throws -> String {
      try await SubprocessRunner().run(Command(program, words)).output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Asks until the answer is the right one; the last answer after twenty seconds.
    private func wait(_ ask: () async throws -> JSON, until isRight: (JSON) -> Bool) async throws -> JSON {
      var answer = try await ask()
      for _ in 0..<100 where !isRight(answer) {
        try await Task.sleep(for: .milliseconds(200))
        answer = try await ask()
      }
      return answer
    }
  }
}
