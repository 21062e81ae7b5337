import BerthKit
import Testing

@testable import BerthHost

@Suite("Which lines are a unit's own")
struct JournalSelectionTests {
  private static let unit = "demo@default.service"

  @Test("no scope goes by a field that the writer chooses", arguments: Scope.allCases)
  func trusted(_ scope: Scope) {
    let selection = JournalSelection(scope: scope, user: 1000, managerGroups: ["/berth-1/manager"])
    for word in selection.words([Self.unit, "demo-side@default.service"]) where word != "+" {
      // The exceptions go with a field of the manager's own.
      let exception = [Scope.user: "USER_UNIT=", .system: "UNIT="][scope]
      #expect(word.hasPrefix("_") || exception.map(word.hasPrefix) ?? false, "\(word)")
    }
  }

  @Test("a person's manager alone is believed what it says of units, and a sandbox goes by control groups")
  func words() {
    #expect(
      JournalSelection(scope: .system, user: 0, managerGroups: []).words([Self.unit]) == [
        "_SYSTEMD_UNIT=\(Self.unit)", "+", "UNIT=\(Self.unit)", "_PID=1",
      ])
    let person = JournalSelection(scope: .user, user: 1000, managerGroups: [])
    #expect(
      person.words([Self.unit]) == [
        "_SYSTEMD_USER_UNIT=\(Self.unit)", "_UID=1000", "+", "USER_UNIT=\(Self.unit)", "_UID=1000",
        "_SYSTEMD_USER_UNIT=init.scope",
      ])
    let box = JournalSelection(scope: .sandbox, user: 0, managerGroups: ["/a/berth-1/manager", "/b/berth-1/manager"])
    #expect(
      box.words(["a-b@x.service"]) == [
        "_SYSTEMD_CGROUP=/a/berth-1/manager/app.slice/app-a\\x2db.slice/a-b@x.service", "+",
        "_SYSTEMD_CGROUP=/b/berth-1/manager/app.slice/app-a\\x2db.slice/a-b@x.service",
      ])
  }

  @Test("a sandbox whose journal is empty shows nothing, and not everything")
  func empty() {
    #expect(JournalSelection(scope: .sandbox, user: 0, managerGroups: []).words([Self.unit]) == ["_UID=none"])
  }

  @Test("a sandbox's manager is found by the sandbox's own group, wherever that was")
  func groups() {
    let found = JournalSelection.managerGroups(
      in: [
        "/berth-1/manager/init.scope", "/berth-1/supervisor", "/user.slice/berth-1/manager/app.slice/x",
        "/berth-12/manager/x",
        "/berth-1/managers/x", "/berth-1/manager",
      ], named: "berth-1")
    #expect(found == ["/berth-1/manager", "/user.slice/berth-1/manager"])
  }
}
