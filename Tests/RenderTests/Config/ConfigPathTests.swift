import BerthKit
import BerthRender
import Testing

/// A file, what is assigned in it, and the file afterwards.
struct PathEdit: Sendable, CustomTestStringConvertible {
  let says: String
  let format: ConfigFile.Format
  let existing: String
  let assignments: [ConfigAssignment]
  let expected: String

  var testDescription: String { "\(format.rawValue): \(says)" }

  init(
    _ says: String, _ format: ConfigFile.Format, _ existing: String, _ assignments: [ConfigAssignment],
    _ expected: String
  ) {
    self.says = says
    self.format = format
    self.existing = existing
    self.assignments = assignments
    self.expected = expected
  }

  /// One value in a real file: a text that stands once in it becomes another one.
  static func real(
    _ says: String, _ format: ConfigFile.Format, _ path: [String], _ value: Value?, _ old: String, _ new: String
  ) -> PathEdit {
    let text = RealConfig.text(format)
    precondition(text.ranges(of: old).count == 1, "\(old)")
    return PathEdit(
      says, format, text, [ConfigAssignment(path, value)], text.replacing(old, with: new))
  }

  static let ini: [PathEdit] = [
    .init(
      "nothing there", .ini, "",
      [
        .init(["Preferences", #"WebUI\Port"#], .integer(8081)), .init(["Preferences", "a"], .text("x, y")),
        .init(["top"], .boolean(true)),
      ], "top=true\n[Preferences]\nWebUI\\Port=8081\na=\"x, y\"\n"),
    .real("qBittorrent's port", .ini, ["Preferences", #"WebUI\Port"#], .integer(8081), "Port=8080", "Port=8081"),
    .real(
      "a key that is new stands at the end of its section", .ini, ["BitTorrent", #"Session\QueueingSystemEnabled"#],
      .boolean(false), "Port=6881\n", "Port=6881\nSession\\QueueingSystemEnabled=false\n"),
    .real(
      "a section that is new stands at the end", .ini, ["Core", "AutoDeleteAddedTorrentFile"], .text("Never"),
      "Username=admin\n", "Username=admin\n\n[Core]\nAutoDeleteAddedTorrentFile=Never\n"),
    .real("a key that must not be there", .ini, ["LegalNotice", "Accepted"], nil, "Accepted=true\n", ""),
    .real(
      "a byte array that Qt has quoted is the same", .ini, ["Preferences", #"WebUI\Password_PBKDF2"#],
      .text("@ByteArray(AAAAAAAAAAAAAAAAAAAAAA==:BBBB+/BB==)"), "[LegalNotice]", "[LegalNotice]"),
    .init(
      "spaces around the '=' stay, and so do line ends; with the mark at the beginning Qt would not know the first line",
      .ini,
      "\u{FEFF}[a]\r\n key  =  1 \r\nempty =\r\n",
      [.init(["a", "key"], .integer(2)), .init(["a", "empty"], .text("x"))],
      "[a]\r\n key  =  2 \r\nempty = x\r\n"),
    .init(
      "the mark before a comment stays", .ini, "\u{FEFF}; c\nk=1\n", [.init(["k"], .integer(2))], "\u{FEFF}; c\nk=2\n"),
    .init(
      "keys of [General] are at the top to Qt", .ini, "[General]\nk=1\nx=3\n[a]\nk=4\n", [.init(["k"], .integer(2))],
      "[General]\nk=2\nx=3\n[a]\nk=4\n"),
    .init(
      "doubles go, in sections that stand twice too", .ini, "[a]\nk=1\nk=2\n[b]\nk=3\n[a]\nk=4\nx=5\n",
      [.init(["a", "k"], .integer(9))], "[a]\nk=9\n[b]\nk=3\n[a]\nx=5\n"),
    .init(
      "comments and other keys of that name are none", .ini, "; k=1\n#k=1\nK=1\n[a]\nk=1\n[b]\nkk=1\n",
      [.init(["b", "k"], .integer(2)), .init(["k"], .integer(3))],
      "; k=1\n#k=1\nK=1\nk=3\n[a]\nk=1\n[b]\nkk=1\nk=2\n"),
    .init("a missing line end is put in", .ini, "[a]\nx=1", [.init(["a", "k"], .text(""))], "[a]\nx=1\nk=\n"),
    .init(
      "truth in other letters is the same", .ini, "[a]\nk=True\n", [.init(["a", "k"], .boolean(true))], "[a]\nk=True\n"),
    .init(
      "quotes that are not needed are no change", .ini, "[a]\nk=\"x\"\n", [.init(["a", "k"], .text("x"))],
      "[a]\nk=\"x\"\n"),
  ]

  static let xml: [PathEdit] = [
    .init(
      "nothing there", .xml, "",
      [.init(["Config", "Port"], .integer(7878)), .init(["Config", "ApiKey"], .text("a<b&\"c\"'d'"))],
      "<Config>\n  <Port>7878</Port>\n  <ApiKey>a&lt;b&amp;&quot;c&quot;&apos;d&apos;</ApiKey>\n</Config>\n"),
    .init(
      "nothing but a declaration", .xml, "<?xml version=\"1.0\"?>\r\n", [.init(["a", "@b"], .text("c"))],
      "<?xml version=\"1.0\"?>\r\n<a b=\"c\"/>\r\n"),
    .real("Radarr's port", .xml, ["Config", "Port"], .integer(7879), "<Port>7878<", "<Port>7879<"),
    .real(
      "truth in other letters is the same", .xml, ["Config", "EnableSsl"], .boolean(false), "<EnableSsl>", "<EnableSsl>"
    ),
    .real("an empty element", .xml, ["Config", "UrlBase"], .text("/radarr"), "<UrlBase><", "<UrlBase>/radarr<"),
    .real(
      "the same text", .xml, ["Config", "InstanceName"], .text("Radarr & friends"), "<InstanceName>", "<InstanceName>"),
    .real(
      "a new element comes last", .xml, ["Config", "LaunchBrowser"], .boolean(false), "master</Branch>\n",
      "master</Branch>\n  <LaunchBrowser>false</LaunchBrowser>\n"),
    .real("an element that must not be there", .xml, ["Config", "Port"], nil, "  <Port>7878</Port>\n", ""),
    .init(
      "elements in elements, tabs and remarks", .xml,
      "<a>\r\n\t<b>\r\n\t\t<c>1</c> <!-- c -->\r\n\t</b>\r\n</a>",
      [.init(["a", "b", "d"], .text("x")), .init(["a", "e", "f"], .integer(1))],
      "<a>\r\n\t<b>\r\n\t\t<c>1</c> <!-- c -->\r\n\t\t<d>x</d>\r\n\t</b>\r\n\t<e>\r\n\t\t<f>1</f>\r\n\t</e>\r\n</a>"),
    .init(
      "everything on one line", .xml, "<a><b/><c x='1'>y</c></a>",
      [.init(["a", "b"], .text("1")), .init(["a", "c", "@x"], .text("it's")), .init(["a", "d"], .text("2"))],
      "<a><b>1</b><c x='it&apos;s'>y</c><d>2</d></a>"),
    .init(
      "an empty parent", .xml, "<a>\n  <b />\n</a>\n", [.init(["a", "b", "c"], .text("1"))],
      "<a>\n  <b>\n    <c>1</c>\n  </b>\n</a>\n"),
    .init(
      "what is in comments and character data is no element", .xml,
      "<a><!-- <b>1</b> --><c><![CDATA[<b>2</b>]]></c></a>", [.init(["a", "b"], .text("3"))],
      "<a><!-- <b>1</b> --><c><![CDATA[<b>2</b>]]></c><b>3</b></a>"),
    .init(
      "doubles go", .xml, "<a>\n  <b>1</b>\n  <b>2</b>\n</a>\n", [.init(["a", "b"], .text("3"))],
      "<a>\n  <b>3</b>\n</a>\n"),
    .init(
      "attributes come and go", .xml, "<a x=\"1\" y=\"2\"/>",
      [.init(["a", "@x"], nil), .init(["a", "@z"], .text("<"))],
      "<a y=\"2\" z=\"&lt;\"/>"),
  ]
}

@Suite("Config files with paths of keys") struct ConfigPathTests {
  static let all = PathEdit.ini + PathEdit.xml + PathEdit.json + PathEdit.unreal + PathEdit.toml + PathEdit.yaml

  @Test("one value is set in its place and everything else stays, and a second time changes nothing", arguments: all)
  func edits(_ edit: PathEdit) throws {
    let text = try ConfigText.setting(
      edit.assignments, in: edit.existing, format: edit.format, file: "/x/a.cfg", id: "a.cfg")
    #expect(text == edit.expected)
    #expect(Array(text.utf8) == Array(edit.expected.utf8))
    #expect(
      try ConfigText.setting(edit.assignments, in: text, format: edit.format, file: "/x/a.cfg", id: "a.cfg") == text)
    for assignment in edit.assignments {
      let read = try ConfigText.value(at: assignment.path, of: text, format: edit.format, file: "/x/a.cfg")
      // A truth or number may stand there in other letters.
      let isNumber = read.flatMap(Double.init) == assignment.value.flatMap { Double($0.plain) } && read != nil
      #expect(read?.lowercased() == assignment.value?.plain.lowercased() || isNumber)
    }
  }
}
