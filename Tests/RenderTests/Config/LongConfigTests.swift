import BerthKit
import BerthRender
import Glibc
import Testing

/// Long files in the shapes that cost most. An instance writes them, and everybody would wait for one that took the square of
/// its length: at 8 MB some of these took tens of minutes, and one ended Berth.
@Suite("Long config files") struct LongConfigTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    let format: ConfigFile.Format
    let path: [String]
    /// How it begins, what is repeated with `#` for the number, and how it ends.
    let parts: (head: String, piece: String, tail: String)

    var testDescription: String { "\(format): \(parts.head.prefix(20))\(parts.piece.prefix(40))".debugDescription }

    init(_ format: ConfigFile.Format, _ path: String, _ head: String, _ piece: String, _ tail: String = "") {
      self.format = format
      self.path = path.split(separator: ".").map(String.init)
      parts = (head, piece, tail)
    }

    func text(_ size: Int) -> String {
      var text = parts.head
      var number = 0
      while text.utf8.count < size {
        text += parts.piece.replacing("#", with: "\(number)")
        number += 1
      }
      return text + parts.tail
    }
  }

  static let shapes: [Shape] = [
    Shape(.toml, "a.port", "", "[a.b.k#]\n"), Shape(.toml, "a.port", "", "[[a.b.k#]]\nport = 1\n"),
    Shape(.toml, "a.port", "[a]\n", "k# = 1\n"), Shape(.toml, "a.port", "", "a.k#.l = 1\n"),
    Shape(.toml, "a.port", "", "# x\n"), Shape(.toml, "a.port", "k = [", "'x', ", "]\n"),
    Shape(.toml, "a.port", "k = \"\"\"", "\"\" ", "\"\"\"\n"), Shape(.toml, "a.port", "", "a."),
    Shape(.xml, "Config.Port", "<Config ", "k#=\"1\" ", "/>"),
    Shape(.xml, "Config.Port", "<Config>", "<Port/>", "</Config>"),
    Shape(.xml, "Config.Port", "<Config>", " <Port>1</Port>", "</Config>"),
    Shape(.xml, "Config.Port", "<Config>\n", "<Port>1</Port>\n", "</Config>"),
    Shape(.xml, "Config.Port", "<Config><Port>", "&amp;", "</Port></Config>"),
    Shape(.xml, "Config.Port", "<Config>", "<!-- - x -->", "</Config>"),
    Shape(.xml, "Config.Port", "<Config><Port>", "<![CDATA[x]]>", "</Port></Config>"),
    Shape(.json, "a.port", "{ \"z\": 0", ",\n \"k#\": 1", "}"), Shape(.json, "a.port", "{ \"a\": [0", ", 1", "]}"),
    Shape(.json, "a.port", "{ \"a\": \"", "\\u0041", "\"}"),
    Shape(.json, "a.port", "{ \"a\": {\"b\": 0", ",\"port\": 1", "}}"),
    Shape(.json, "a.port", "{ \"a\": {}", "\n", "}"),
    Shape(.ini, "a.port", "", "[k#]\n"), Shape(.ini, "a.port", "[a]\n", "port=1\n"), Shape(.ini, "a.port", "", "\n"),
    Shape(.ini, "a.port", "[a]\nport=", "x "), Shape(.ini, "a.port", "", "[a]\n"),
    Shape(.properties, "port", "", "\n"), Shape(.properties, "port", "", "port=1\n"),
    Shape(.properties, "port", "", "k# = \\\n"), Shape(.properties, "port", "port=", "\\"),
    Shape(.words, "port", "", "\n"), Shape(.words, "port", "", "port 1\n"), Shape(.words, "port", "", "port \"x"),
    Shape(.words, "port", "", "\""), Shape(.words, "port", "", "k# 1; port 2; "), Shape(.words, "port", "", "/*"),
    Shape(.env, "port", "", "\n"), Shape(.env, "port", "", "port=1\n"), Shape(.env, "port", "", "port='x\n"),
    Shape(.env, "port", "port=\"", "\\\"\n"), Shape(.env, "port", "", "k#=\\\n"),
    Shape(.unreal, "a.b.port", "[a]\nb=(x=1", ",k#=1", ")\n"),
    Shape(.unreal, "a.b.port", "[a]\nb=(x=1", ",port=1", ")\n"),
    Shape(.unreal, "a.b.port", "[a]\n", "b=(port=1)\n"), Shape(.unreal, "a.b.port", "[a]\nb=(", "("),
    Shape(.yaml, "a.port", "a:\n", "  k#: 1\n"), Shape(.yaml, "a.port", "a:\n", "  - 1\n"),
    Shape(.yaml, "a.port", "", "# x\n"),
    Shape(.yaml, "a.port", "a: [", "x, ", "]\n"), Shape(.yaml, "a.port", "a: {z: 0", ", k#: 1", "}\n"),
    Shape(.yaml, "a.port", "a: \"", "\\x41", "\"\n"), Shape(.yaml, "a.port", "a: |\n", "  x\n"),
    Shape(.yaml, "a.port", "", "k#: &k# 1\n"), Shape(.yaml, "a.port", "a: ", "[", ""), Shape(.yaml, "a.port", "", "- "),
  ]

  /// Processor time of this thread, which a busy machine changes little.
  private static var spent: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func cost(_ shape: Shape, _ size: Int) -> Double {
    let text = shape.text(size)
    let begin = spent
    for value in [Value.integer(7), nil] {
      let changed = try? ConfigText.setting(
        [ConfigAssignment(shape.path, value)], in: text, format: shape.format, file: "f", id: "f")
      _ = try? ConfigText.value(at: shape.path, of: changed ?? text, format: shape.format, file: "f")
    }
    return spent - begin
  }

  @Test("are read and changed, or refused, with work that grows with their length", arguments: shapes)
  func long(_ shape: Shape) throws {
    // Four times as long: four times the work and a little, never sixteen times. YAML is refused beyond half a megabyte.
    var growth = Double.infinity
    for _ in 0..<3 where growth > 11 {
      let (less, more) = (Self.cost(shape, 100_000), Self.cost(shape, 400_000))
      growth = more < 0.02 ? 0 : more / less
    }
    #expect(growth < 11)
  }
}
