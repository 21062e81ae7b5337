import BerthHost
import BerthKit
import BerthRender
import Foundation
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("The scripts in an instance's folder")
struct ManageScriptTests {
  private let home = "/var/lib/berth/instances/demo/default"

  private func install(_ host: TestHost, _ name: String? = nil) async throws -> InstanceRecord {
    try await host.berth().install(InstallRequest(app: "demo", name: name)).record
  }

  /// What a script runs, as a shell reads it.
  private func words(_ host: TestHost, _ name: String) throws -> [String] {
    let lines = try host.files.read("\(home)/\(name)").split(separator: "\n").map(String.init)
    #expect(lines.first == "#!/bin/sh")
    let line = try #require(lines.first { $0.contains("exec ") })
    return line.split(separator: " ").map(String.init).filter { $0 != "python=0#;" }
  }

  @Test("are files of their own that say which instance they speak for, so that who deletes one deletes no program")
  func files() async throws {
    let host = try TestHost(.system)
    let record = try await install(host)
    let berth = host.berth().environment.program
    for name in ["manage", "manage.py", "installer.sh"] {
      #expect(host.files.isFile("\(home)/\(name)"), "a link leads to the program")
      let mode =
        try FileManager.default.attributesOfItem(atPath: host.folder.path + "\(home)/\(name)")[
          .posixPermissions] as? Int
      #expect(mode == 0o755)
    }
    let own = ["--instance", "default", "--scope", "system", "\"$@\""]
    #expect(try words(host, "manage.py") == ["exec", berth, "manage", "demo"] + own)
    #expect(try words(host, "manage") == words(host, "manage.py"))
    #expect(try words(host, "installer.sh") == ["exec", berth, "manage", "demo", "install"] + own)
    #expect(try await host.berth().doctor() == [])
    try await host.berth().remove(record.key, keepsData: false)
    #expect(!host.files.exists(home))
  }

  @Test(
    "reach a program and a sandbox whose paths a shell or Python would read otherwise, and pass on what they are told as it is"
  )
  func quoting() async throws {
    // Programs run there, which a file system in memory does not always allow.
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("berth-test-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    // With what ends or spoils a string or a comment of Python's too.
    let strange = #"\#(folder.path)/it's $HOME; `x` & "y" '''z''' \x \N \u #q"#
    try FileManager.default.createDirectory(atPath: strange, withIntermediateDirectories: true)
    // A program that shows what it was told, an argument a line.
    let berth = "\(strange)/berth"
    try "#!/bin/sh\nprintf '%s\\n' \"$@\"\n".write(toFile: berth, atomically: false, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: berth)
    let context = RenderContext(
      paths: .sandbox(root: strange, runtime: "/run/x"), rights: .ownNamespace, berth: berth,
      pluginFolders: ["\(strange)/plug ins"], programs: [:], hostName: "host", timeZone: "UTC")
    let key = InstanceKey(app: "demo", id: .default)
    let script = try #require(ManageScript.files(of: key, context).first { $0.path.hasSuffix("/manage.py") })
    let place = "\(folder.path)/manage.py"
    try script.text.write(toFile: place, atomically: false, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place)
    let words = ["set-config", "motd", "a  b", "", "*", "$(reboot)", "it's"]
    let fixed = ["manage", "demo", "--instance", "default", "--root", strange, "--plugins", "\(strange)/plug ins"]
    // By its path, as panels run it, and by those that read it.
    for reader in [[], ["/bin/sh"], ["/bin/bash"], ["/usr/bin/python3"]] {
      let line = reader + [place] + words
      let result = try await SubprocessRunner().run(Command(line[0], Array(line.dropFirst())))
      let told = result.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
      #expect(told == fixed + words, "\(reader): \(result.errorOutput)")
      #expect(result.status == 0 && result.errorOutput == "", "\(reader)")
    }
  }

  @Test("one that was deleted is named by the doctor and made anew by an update")
  func deleted() async throws {
    let host = try TestHost(.system)
    let record = try await install(host)
    try host.files.remove("\(home)/manage.py")
    #expect(try await host.berth().doctor().map(\.subject) == [record.title])
    _ = try await host.berth().change("update", [record], ChangeWish())
    #expect(host.files.isFile("\(home)/manage.py"))
    #expect(try await host.berth().doctor() == [])
  }

  @Test("take the place of links of an older Berth, and what these lead to stays as it is")
  func links() async throws {
    let host = try TestHost(.system)
    let record = try await install(host)
    // As large as a program is, and no text.
    let program = "\(host.folder.path)/usr/bin/old"
    try FileManager.default.createDirectory(
      atPath: "\(host.folder.path)/usr/bin", withIntermediateDirectories: true)
    try Data(repeating: 0xFF, count: 9 << 20).write(to: URL(filePath: program))
    for name in ["manage", "manage.py"] {
      try host.files.remove("\(home)/\(name)")
      try host.files.makeLink("\(home)/\(name)", to: "/usr/bin/old")
    }
    _ = try await host.berth().change("update", [record], ChangeWish())
    #expect(host.files.isFile("\(home)/manage") && host.files.isFile("\(home)/manage.py"))
    #expect(try Data(contentsOf: URL(filePath: program)).count == 9 << 20)
    #expect(try await host.berth().doctor() == [])
  }

  @Test("the backups of an instance are where a panel looks for them, also after it was kept and taken up")
  func backups() async throws {
    let host = try TestHost(.system)
    let record = try await install(host)
    func target() throws -> String {
      try FileManager.default.destinationOfSymbolicLink(atPath: "\(host.folder.path)\(home)/backups")
    }
    #expect(try target().hasSuffix("/var/backups/berth/demo/default"))
    try await host.berth().remove(record.key, keepsData: true)
    #expect(!host.files.exists("\(home)/backups") && !host.files.exists("\(home)/installer.sh"))
    _ = try await host.berth().install(InstallRequest(app: "demo", id: "default"))
    #expect(try target().hasSuffix("/var/backups/berth/demo/default"))
  }
}
