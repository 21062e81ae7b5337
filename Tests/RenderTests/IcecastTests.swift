import BerthKit
import BerthPlugins
import BerthRender
import Foundation
import FoundationXML
import Testing

@Suite("Icecast's settings") struct IcecastTests {
  private let plugin = IcecastPlugin()

  /// The texts of all elements in order, as an XML parser reads them.
  private final class Reader: NSObject, XMLParserDelegate {
    var texts: [(path: String, text: String)] = []
    private var path: [String] = []
    private var text = ""

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      path.append(name)
      text = ""
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
      if text.contains(where: { !$0.isWhitespace }) || path.count == 2 {
        texts.append((path.joined(separator: "/"), text))
      }
      path.removeLast()
      text = ""
    }
  }

  private func read(_ settings: [String: Value]) throws -> [(path: String, text: String)] {
    let manifest = plugin.manifest
    let values = try FixedInstance.values(manifest, .system, Stage.system.context(manifest))
    let instance = InstanceValues(
      key: values.key, uid: values.uid, name: values.name, slug: values.slug, user: nil,
      settings: values.settings.merging(settings) { $1 },
      ports: values.ports)
    let variables = Variables(manifest: manifest, instance: instance, context: Stage.system.context(manifest))
    let file = try #require(try ConfigRenderer(plugin: plugin).files(variables: variables).first)
    #expect(file.isSecret)
    let reader = Reader()
    let parser = XMLParser(data: Data(file.text.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(file.text)")
    return reader.texts
  }

  @Test("any text of a setting is the text of its element, and makes no element of its own")
  func escaping() throws {
    let names = try read([:]).map(\.path)
    for value in HostileText.all {
      let texts = try read(["location": .text(value)])
      #expect(texts.map(\.path) == names)
      #expect(texts.first { $0.path == "icecast/location" }?.text == value)
    }
  }

  @Test(
    "every setting and port reaches the document",
    arguments: [
      ("hostname", Value.text("play.example.org"), "icecast/hostname", "play.example.org"),
      ("admin-email", .text("a&b@c"), "icecast/admin", "a&b@c"),
      ("max-listeners", .integer(7), "icecast/limits/clients", "7"),
      ("max-sources", .integer(3), "icecast/limits/sources", "3"),
      ("source-password", .text("<s>"), "icecast/authentication/source-password", "<s>"),
      ("admin-password", .text("p\"'"), "icecast/authentication/admin-password", "p\"'"),
    ])
  func settings(_ name: String, _ value: Value, _ path: String, _ text: String) throws {
    #expect(try read([name: value]).first { $0.path == path }?.text == text)
  }

  @Test("both ports are in the document")
  func ports() throws {
    let texts = try read([:]).filter { $0.path == "icecast/listen-socket/port" }.map(\.text)
    #expect(texts == ["8000", "8001"])
  }

  @Test("there may not be more sources than listeners")
  func check() throws {
    try plugin.check(["max-listeners": .integer(2), "max-sources": .integer(2)])
    let error = try #require(throws: BerthError.self) {
      try plugin.check(["max-listeners": .integer(1), "max-sources": .integer(2)])
    }
    #expect(error.code == "bad-setting")
    #expect(
      error.summary == "'2' does not fit the setting 'max-sources': expected no more than max-listeners, which is 1")
  }

  @Test("a plugin without a writer cannot have a custom file")
  func noWriter() throws {
    let manifest = sampleManifest(config: [ConfigFile("a.bin", .custom)])
    #expect(throws: BerthError.self) {
      try ConfigRenderer(plugin: DeclarativePlugin(manifest: manifest)).files(variables: variables(manifest))
    }
  }
}
