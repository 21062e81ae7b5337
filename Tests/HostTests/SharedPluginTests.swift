import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// Plugins from elsewhere, by the real Git, OpenSSH and curl.
@Suite("Plugins from elsewhere") struct SharedPluginTests {
  /// A plugin that is nothing but a program, as somebody else would hand it out.
  private static func yaml(_ version: String = "1", id: String = "wiki", more: String = "") -> String {
    """
    schema: 1
    id: \(id)
    name: Wiki
    summary: Pages
    category: web
    version: "\(version)"
    services:
      main: { exec: [/usr/bin/sleep, infinity]\(more) }
    """ + "\n"
  }

  /// A folder with a plugin in it, in one that goes with the sandbox.
  private static func folder(_ box: SandboxFixture, _ text: String, below name: String = "made") throws -> String {
    let folder = "\(box.plugins)/\(name)/wiki"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/plugin.yaml"))
    return folder
  }

  private static func run(_ program: String, _ words: String...) async throws -> String {
    try await SubprocessRunner().succeed(Command(program, words))
  }

  private static func tar(_ folder: String) async throws -> (bytes: [UInt8], sum: String) {
    let path = "\(folder).tar.gz"
    _ = try await run("tar", "-C", ScopePaths.folder(of: folder), "-czf", path, "wiki")
    let bytes = Array(try #require(FileManager.default.contents(atPath: path)))
    return (bytes, try await DownloadedPluginTests.sum(bytes))
  }

  private func home(_ box: SandboxFixture) -> String { "\(box.root)/config/plugins.d/wiki" }

  @Test("a folder is shown, taken, installed, updated in one step and taken away, each without --plugins")
  func wholeLife() async throws {
    try await SandboxFixture.with { box in
      let folder = try Self.folder(box, Self.yaml())
      let dry = try await box.succeed("app", "add", folder, "--dry-run", "--json").json()
      #expect(
        dry["state"].text == "added" && dry["done"] == .boolean(false)
          && !FileManager.default.fileExists(atPath: home(box)))
      let refused = try await box.berth("app", "add", folder)
      #expect(refused.status == 64 && !FileManager.default.fileExists(atPath: home(box)), "\(refused.errors)")
      try await box.succeed("app", "add", folder, "--yes")
      let twice = try await box.berth("app", "add", folder, "--yes", "--json")
      #expect(try twice.status == 73 && twice.failure()["code"].text == "app-exists")
      try await box.succeed("install", "wiki")
      let inUse = try await box.berth("app", "remove", "wiki", "--yes", "--json")
      #expect(try inUse.status == 73 && inUse.failure()["code"].text == "app-in-use")

      let loosened = ", loosen: { MemoryDenyWriteExecute: it compiles }"
      _ = try Self.folder(box, Self.yaml("2", more: loosened))
      let update = try await box.succeed("app", "update", "wiki", "--yes", "--json").json()
      #expect(update["state"].text == "updated" && update["former_version"].text == "1")
      #expect(update["asks"][0]["kind"].text == "loosen" && update["asks"][0]["new"] == .boolean(true))
      #expect(try await box.succeed("app", "update", "--all", "--json").json()[0]["state"].text == "unchanged")
      // The same files from another place are remembered with it.
      let moved = "\(ScopePaths.folder(of: folder))/moved/wiki"
      try FileManager.default.createDirectory(atPath: ScopePaths.folder(of: moved), withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: folder, toPath: moved)
      // As a Berth leaves it that is killed.
      try FileManager.default.createDirectory(
        atPath: "\(box.root)/config/.plugin-dead/files", withIntermediateDirectories: true)
      try await box.succeed("app", "update", "wiki", "--from", moved, "--yes")
      #expect(try await box.succeed("app", "show", "wiki", "--json").json()["source"]["from"].text == moved)
      try await box.succeed("update", "wiki")
      try await box.succeed("remove", "wiki", "--yes")
      try await box.succeed("app", "remove", "wiki", "--yes")
      #expect(try await box.berth("app", "show", "wiki").status == 64)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: "\(box.root)/config").filter { $0.hasPrefix(".") } == [])
    }
  }

  @Test("an edited plugin and an older one stay until --overwrite")
  func kept() async throws {
    try await SandboxFixture.with { box in
      let folder = try Self.folder(box, Self.yaml("2"))
      try await box.succeed("app", "add", folder, "--yes")
      _ = try Self.folder(box, Self.yaml("1"))
      let older = try await box.berth("app", "update", "wiki", "--yes", "--json")
      #expect(try older.status == 73 && older.failure()["code"].text == "older-plugin")
      let edited = Self.yaml("2", more: ", workdir: \"{{paths.data}}\"")
      try Data(edited.utf8).write(to: URL(fileURLWithPath: "\(home(box))/plugin.yaml"))
      let refused = try await box.berth("app", "update", "wiki", "--yes", "--json")
      #expect(try refused.status == 73 && refused.failure()["code"].text == "plugin-edited")
      #expect(SandboxFixture.text("\(home(box))/plugin.yaml") == edited)
      try await box.succeed("app", "update", "wiki", "--yes", "--overwrite")
      #expect(SandboxFixture.text("\(home(box))/plugin.yaml") == Self.yaml("1"))
    }
  }

  @Test("what comes from a server is taken by its checksum alone")
  func address() async throws {
    try await SandboxFixture.with { box in
      let (bytes, sum) = try await Self.tar(Self.folder(box, Self.yaml()))
      let server = try FileServer(["/wiki.tar.gz": .file(bytes)])
      let unnamed = try await box.berth("app", "add", server.url("/wiki.tar.gz"), "--yes", "--json")
      #expect(try unnamed.status == 64 && unnamed.failure()["remedy"].text?.contains(sum) == true)
      let other = String(repeating: "0", count: 64)
      let wrong = try await box.berth("app", "add", server.url("/wiki.tar.gz"), "--sha256", other, "--yes", "--json")
      #expect(try wrong.status == 65 && wrong.failure()["code"].text == "wrong-checksum")
      #expect(!FileManager.default.fileExists(atPath: home(box)))
      let added = try await box.succeed(
        "app", "add", server.url("/wiki.tar.gz"), "--sha256", sum, "--yes", "--json")
      #expect(try added.json()["source"]["sha256"].text == sum)
    }
  }

  @Test("a repository is pinned to a commit, followed by its branch, and none of its hooks or links is of use")
  func repository() async throws {
    try await SandboxFixture.with { box in
      let top = "\(box.plugins)/made"
      _ = try Self.folder(box, Self.yaml())
      func git(_ words: String...) async throws -> String {
        let who = ["-C", top, "-c", "user.name=A", "-c", "user.email=a@example.org"]
        return try await SubprocessRunner().succeed(Command("git", who + words))
      }
      _ = try await git("init", "-q", "-b", "main")
      _ = try await git("add", "-A")
      _ = try await git("commit", "-qm", "One")
      let first = try await git("rev-parse", "HEAD").prefix { !$0.isNewline }
      let added = try await box.succeed("app", "add", "file://\(top)", "--ref", "main", "--yes", "--json")
      #expect(try added.json()["source"]["commit"].text == String(first))
      _ = try Self.folder(box, Self.yaml("2"))
      _ = try await git("commit", "-qam", "Two")
      try await box.succeed("app", "update", "wiki", "--yes")
      #expect(SandboxFixture.text("\(home(box))/plugin.yaml") == Self.yaml("2"))

      try FileManager.default.createDirectory(atPath: "\(top)/wiki/files", withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: "\(top)/wiki/files/page", withDestinationPath: "/etc/shadow")
      _ = try await git("add", "-A")
      _ = try await git("commit", "-qm", "Three")
      let link = try await box.berth("app", "update", "wiki", "--yes", "--json")
      #expect(try link.status == 65 && link.failure()["code"].text == "bad-archive", "\(link.errors)")
      let missing = try await box.berth(
        "app", "add", "file://\(top)", "--ref=--upload-pack=/bin/true", "--yes", "--json")
      #expect(try missing.status == 69 && missing.failure()["code"].text == "repository-failed")
      for scheme in ["ext::sh -c true", "ftp://example.org/wiki.git", "-x"] {
        let run = try await box.berth("app", "add", "--yes", "--json", "--", scheme)
        #expect(run.status == 64, "\(scheme): \(run.errors)")
      }
    }
  }

  @Test("an index is taken with the signature of a known key alone, and says which archive is meant")
  func index() async throws {
    try await SandboxFixture.with { box in
      let key = "\(box.plugins)/key"
      for name in ["key", "other"] {
        _ = try await Self.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(box.plugins)/\(name)")
      }
      let folder = try Self.folder(box, Self.yaml())
      let made = "\(box.plugins)/public"
      try await box.succeed("app", "index", folder, "--to", made, "--sign", key)
      let names = try FileManager.default.contentsOfDirectory(atPath: made)
      #expect(names.sorted() == ["index.json", "index.json.sig", "wiki-1.tar.gz"])
      var files: [String: FileServer.Answer] = [:]
      func serve() throws -> FileServer {
        for name in names {
          files["/\(name)"] = .file(Array(try #require(FileManager.default.contents(atPath: "\(made)/\(name)"))))
        }
        return try FileServer(files)
      }
      func name(_ server: FileServer, key: String) throws {
        let words = SandboxFixture.text("\(key).pub").split(separator: " ").prefix(2).joined(separator: " ")
        try FileManager.default.createDirectory(atPath: "\(box.root)/config", withIntermediateDirectories: true)
        let text =
          "schema: 1\nindexes:\n  - { name: own, address: \"\(server.url("/index.json"))\", keys: [\"\(words)\"] }\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(box.root)/config/host.yaml"))
      }
      let server = try serve()
      try name(server, key: "\(box.plugins)/other")
      let stranger = try await box.berth("app", "list", "--available", "--json")
      #expect(try stranger.status == 77 && stranger.failure()["code"].text == "not-signed", "\(stranger.errors)")
      try name(server, key: key)
      #expect(try await box.succeed("app", "list", "--available", "--json").json()[0]["id"].text == "wiki")
      let added = try await box.succeed("app", "add", "wiki", "--yes", "--json").json()
      #expect(added["source"]["index"].text == "own" && added["source"]["kind"].text == "name")
      let unknown = try await box.berth("app", "add", "wikki", "--yes", "--json")
      #expect(try unknown.status == 64 && unknown.failure()["code"].text == "not-in-index")

      // The archive is another one than the index says.
      try await box.succeed("app", "remove", "wiki", "--yes")
      files["/wiki-1.tar.gz"] = .file(
        try await Self.tar(Self.folder(box, Self.yaml("1", more: ", env: { A: b }"))).bytes)
      let forged = try FileServer(files)
      try name(forged, key: key)
      let wrong = try await box.berth("app", "add", "wiki", "--yes", "--json")
      #expect(try wrong.status == 65 && wrong.failure()["code"].text == "wrong-checksum")
      // The index itself is another one than was signed.
      files["/index.json"] = .file(
        Array(SandboxFixture.text("\(made)/index.json").replacing("Pages", with: "Sites").utf8))
      let changed = try FileServer(files)
      try name(changed, key: key)
      #expect(try await box.berth("app", "list", "--available").status == 77)
    }
  }

  @Test("a plugin that is broken, or takes the id or a unit of another, is refused with nothing written")
  func refused() async throws {
    try await SandboxFixture.with { box in
      let cases = [
        ("a", Self.yaml().replacing("services", with: "servises"), "bad-plugin", Int32(65)),
        ("b", Self.yaml(id: "luanti"), "app-exists", 73),
        ("c", Self.yaml(id: "redis-exporter"), "bad-plugin", 65),
      ]
      let sum = String(repeating: "0", count: 64)
      let whole = try Self.folder(box, Self.yaml(), below: "d")
      #expect(try await box.berth("app", "add", whole, "--sha256", sum, "--yes").status == 64)
      #expect(try await box.berth("app", "add", "wiki", "--yes").status == 64)
      for (name, text, code, status) in cases {
        let folder = try Self.folder(box, text, below: name)
        let run = try await box.berth("app", "add", folder, "--yes", "--json")
        #expect(try run.status == status && run.failure()["code"].text == code, "\(name): \(run.errors)")
      }
      #expect(!FileManager.default.fileExists(atPath: "\(box.root)/config/plugins.d"))
    }
  }
}
