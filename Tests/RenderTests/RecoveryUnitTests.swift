import BerthKit
import BerthRender
import Foundation
import Testing

@Suite("The unit that recovers at a boot") struct RecoveryUnitTests {
  @Test("is one that systemd takes, for root and for a person", arguments: [Stage.system, .user])
  func accepted(_ stage: Stage) throws {
    let file = try #require(RecoveryUnit.file(stage.paths, berth: "/usr/bin/true"))
    #expect(file.path == "\(stage.paths.units)/berth-recover.service")
    #expect(file.text.hasPrefix("# Made by Berth. ") && file.text.contains("WantedBy=\(stage.paths.bootTarget)\n"))
    let words = stage.paths.words.map { "\"\($0)\"" }.joined(separator: " ")
    #expect(
      file.text.contains(
        "\nExecStart=-\"/usr/bin/true\" \"operations\" \"recover\" \"--at-boot\" \"--wait\" \"60\" \(words)\n"),
      "\(file.text)")
    let verdict = try Judge.withFolder { folder in
      try Data(file.text.utf8).write(to: folder.appending(path: "berth-recover.service"))
      return try Judge.run(
        ["systemd-analyze", stage == .system ? "--system" : "--user", "--man=no", "verify", "./berth-recover.service"],
        in: folder, environment: ["HOME": folder.path, "XDG_RUNTIME_DIR": folder.path])
    }
    #expect(verdict.status == 0 && !verdict.output.contains("berth-recover"), "\(verdict.output)")
  }

  @Test("is not there in a sandbox, and services start behind it everywhere else", arguments: Stage.allCases)
  func order(_ stage: Stage) throws {
    let isThere = RecoveryUnit.file(stage.paths, berth: "/usr/bin/true") != nil
    #expect(isThere == (stage != .sandbox))
    let manifest = sampleManifest()
    let files = try UnitRenderer(manifest: manifest, context: stage.context(manifest, program: "/usr/bin/true"))
      .templates()
    let service = try #require(files.first { $0.path.hasSuffix("/sample@.service") })
    #expect(service.text.contains("\nAfter=berth-recover.service\n") == isThere)
  }
}
