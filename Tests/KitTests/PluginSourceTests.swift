import BerthKit
import Testing

@Suite("Where plugins come from") struct PluginSourceTests {
  private func read(_ text: String, isRepository: Bool = false) throws -> PluginSource {
    try PluginSource(
      reading: text, isRepository: isRepository, absolute: { $0.hasPrefix("/") ? $0 : "/work/\($0)" },
      isFolder: { $0.hasSuffix("wiki") ? true : $0.hasSuffix(".tgz") ? false : nil })
  }

  @Test(
    "a word means one thing, whichever folder somebody stands in",
    arguments: [
      ("./wiki", .folder, "/work/./wiki"), ("/srv/wiki", .folder, "/srv/wiki"),
      ("wiki.tgz", .archive, "/work/wiki.tgz"),
      ("wiki", .name, "wiki"), ("https://a.b/wiki.tgz", .address, "https://a.b/wiki.tgz"),
      ("https://a.b/wiki.git", .repository, "https://a.b/wiki.git"),
      ("git+https://a.b/wiki", .repository, "https://a.b/wiki"), ("ssh://a.b/wiki", .repository, "ssh://a.b/wiki"),
      ("git@a.b:c/wiki.git", .repository, "git@a.b:c/wiki.git"),
    ] as [(String, PluginSource.Kind, String)])
  func words(_ text: String, _ kind: PluginSource.Kind, _ meant: String) throws {
    #expect(try read(text) == PluginSource(kind, meant))
  }

  @Test("with a branch every path and address is a repository")
  func repositories() throws {
    #expect(try read("/srv/wiki", isRepository: true) == PluginSource(.repository, "file:///srv/wiki"))
    #expect(try read("https://a.b/c", isRepository: true) == PluginSource(.repository, "https://a.b/c"))
  }

  @Test(
    "what is none of these is refused",
    arguments: ["", "-x", "ext::sh", "ftp://a.b/c", "file:///srv/wiki.tgz", "a\nb", "/srv/nothing", "javascript://x"])
  func refused(_ text: String) throws {
    let error = try #require(throws: BerthError.self) { try read(text) }
    #expect(error.code == "bad-plugin-source")
  }

  // MARK: What is taken of it

  private static let members = [
    "top/wiki/plugin.yaml": "a", "top/wiki/files/page": "b", "top/wiki/files/plugin.yaml": "c", "top/wiki/README": "d",
    "top/wiki/files/deep/page": "e", "top/myfiles/plugin.yaml": "f",
  ]

  @Test("a plugin is its plugin.yaml and its files, and nothing else of what lies beside them")
  func files() throws {
    let wiki = try PluginFiles(members: Self.members, named: "wiki", at: "x.tgz")
    #expect(wiki.texts == ["plugin.yaml": "a", "files/page": "b", "files/plugin.yaml": "c"])
    #expect(try PluginFiles(members: Self.members, named: "myfiles", at: "x.tgz").texts == ["plugin.yaml": "f"])
    #expect(try PluginFiles(members: ["plugin.yaml": "a"], named: nil, at: "x.tgz").texts == ["plugin.yaml": "a"])
  }

  @Test("several plugins, and none, are told apart from one")
  func number() throws {
    for (members, name, code) in [
      (Self.members, nil, "several-plugins"), (Self.members, "other", "no-plugin-inside"),
      (["README": "a"], nil, "no-plugin-inside"), (["files/plugin.yaml": "a"], nil, "no-plugin-inside"),
    ] as [([String: String], String?, String)] {
      let error = try #require(throws: BerthError.self) { try PluginFiles(members: members, named: name, at: "x.tgz") }
      #expect(error.code == code)
    }
  }

  @Test("what an index says is read as it was written, and what no host could go by is refused")
  func index() throws {
    let sum = String(repeating: "a", count: 64)
    let entry = PluginIndex.Entry(Sample.manifest, level: 5, archive: "sample-1.tar.gz", sha256: sum)
    let index = PluginIndex([entry])
    #expect(try PluginIndex(reading: index.text, at: "index.json") == index)
    var (other, twice) = (entry, PluginIndex([entry, entry]))
    other.sha256 = "abc"
    let texts = try ["[]", "{}", "{\"schema\": 2}", twice.text, PluginIndex([other]).text]
    for text in texts {
      let error = try #require(throws: BerthError.self) { try PluginIndex(reading: text, at: "index.json") }
      #expect(error.code == "bad-index", "\(text)")
    }
    twice.plugins = []
    #expect(try PluginIndex(reading: twice.text, at: "index.json").plugins.isEmpty)
  }
}
