import BerthKit
import BerthRender
import Testing

/// Merging as the renderer does it: Berth owns `port` and `name`, the latter an optional setting, and `gone`, one that is
/// unset. With a `word`, all of them are variables of the Quake III engine.
enum Merging {
  static let path = "/var/lib/berth/instances/sample/default/config/a.cfg"

  static func merge(_ format: ConfigFile.Format, _ existing: String?, name: String? = "Kids", word: String = "") throws
    -> String
  {
    let file = ConfigFile(
      "a.cfg", format,
      values: [
        .init("\(word)port", "{{ports.game}}"), .init("\(word)name", "{{settings.name}}"),
        .init("\(word)gone", "{{settings.gone}}"),
      ],
      template: "port {{ports.game}}\n")
    let manifest = sampleManifest(
      settings: [Setting("name", .string, optional: true), Setting("gone", .string, optional: true)],
      ports: [PortRole("game", [.udp], default: 1)], config: [file])
    let values = try variables(manifest, settings: name.map { ["name": .text($0)] } ?? [:], ports: ["game": 30000])
    let files = try ConfigRenderer(plugin: DeclarativePlugin(manifest: manifest))
      .files(variables: values, existing: { $0 == path ? existing : nil })
    return try #require(files.first).text
  }
}

/// A file as a person left it, and as it must be afterwards.
struct Merge: Sendable, CustomTestStringConvertible {
  let says: String
  let format: ConfigFile.Format
  let existing: String
  let expected: String

  var testDescription: String { "\(format.rawValue): \(says)" }

  init(_ says: String, _ format: ConfigFile.Format, _ existing: String, _ expected: String) {
    self.says = says
    self.format = format
    self.existing = existing
    self.expected = expected
  }

  static let properties: [Merge] = [
    .init("nothing there", .properties, "", "port = 30000\nname = Kids\n"),
    .init(
      "keys, comments and blank lines of a person's stay", .properties,
      "# mine\n\nmotd = Hi\nport = 1\n; ini\n// c\n\tname=old\nx\n",
      "# mine\n\nmotd = Hi\nport = 30000\n; ini\n// c\n\tname=Kids\nx\n"),
    .init("missing keys come last", .properties, "motd = Hi\n", "motd = Hi\nport = 30000\nname = Kids\n"),
    .init("a missing line feed is put in", .properties, "motd = Hi", "motd = Hi\nport = 30000\nname = Kids\n"),
    .init("a last line without line feed", .properties, "name = x\nport = 1", "name = Kids\nport = 30000\n"),
    .init(
      "a last line of a person's stays as it is", .properties, "name = x\nport = 1\nz", "name = Kids\nport = 30000\nz"),
    .init(
      "a key that stands twice stands once", .properties, "port = 1\nname = a\nx = 1\nport = 2\nport = 3\n",
      "port = 30000\nname = Kids\nx = 1\n"),
    .init("an unset key goes", .properties, "gone = 1\nport = 1\ngone = 2\nname = a\n", "port = 30000\nname = Kids\n"),
    .init(
      "lines that end as on Windows keep their ends", .properties, "a = 1\r\nport = 1\r\nb = 2\r\n",
      "a = 1\r\nport = 30000\r\nb = 2\r\nname = Kids\r\n"),
    .init(
      "a comment is no key", .properties, "#port = 1\n# port = 2\n",
      "#port = 1\n# port = 2\nport = 30000\nname = Kids\n"),
    .init("case matters", .properties, "Port = 1\n", "Port = 1\nport = 30000\nname = Kids\n"),
    .init(
      "inside a long value stands no key", .properties, "name = Tim\nmotd = \"\"\"\nport = 7\n\"\"\"\nport = 1\n",
      "name = Kids\nmotd = \"\"\"\nport = 7\n\"\"\"\nport = 30000\n"),
    .init(
      "inside a group stands no key", .properties,
      "noise = {\n  port = 7\n  deep = {\n    name = x\n  }\n}\nport = 1\nname = a\n",
      "noise = {\n  port = 7\n  deep = {\n    name = x\n  }\n}\nport = 30000\nname = Kids\n"),
    .init(
      "a long value of Berth's own key is replaced whole", .properties, "name = \"\"\"\nport = 7\n\"\"\"\nport = 1\n",
      "name = Kids\nport = 30000\n"),
    .init(
      "behind a value that never ends no key would be read", .properties, "a = 1\nmotd = \"\"\"\nport = 1\nb = 2\n",
      "a = 1\nport = 30000\nname = Kids\nmotd = \"\"\"\nb = 2\n"),
    .init(
      "behind a group that never ends no key would be read", .properties, "x = {\ny = {\n}\nname = a\nb\n",
      "port = 30000\nname = Kids\nx = {\ny = {\n}\nb\n"),
    .init(
      "a long value ends at a bare line feed only", .properties, "motd = \"\"\"\r\nport = 7\r\n\"\"\"\r\nport = 1\r\n",
      "port = 30000\r\nname = Kids\r\nmotd = \"\"\"\r\nport = 7\r\n\"\"\"\r\n"),
    .init(
      "a section ends the file's own keys", .properties, "a = 1\n[Ice]\nb = 2\n",
      "a = 1\nport = 30000\nname = Kids\n[Ice]\nb = 2\n"),
    .init(
      "what Java and Qt read as the line before stays, and Berth's key stands behind it", .properties,
      "a = C:\\\nport = 1\nname = x\n", "a = C:\\\nport = 1\nname = Kids\nport = 30000\n"),
    .init(
      "a line that may go on in the next gets an empty one behind it", .properties, "port = 1\nname = x\na = C:\\\n",
      "port = 30000\nname = Kids\na = C:\\\n"),
    .init(
      "a value of Berth's own that goes on is replaced whole", .properties, "name = x \\\n  y \\\n  z\nport=1\na\\",
      "name = Kids\nport=30000\na\\"),
    .init(
      "a key is written with the blanks that stand there", .properties, "port=1\n  name =x\n",
      "port=30000\n  name =Kids\n"),
    .init(
      "a new key takes the blanks of the file", .properties, "# c\nmotd=Hi\n", "# c\nmotd=Hi\nport=30000\nname=Kids\n"),
    .init("an empty value tells no blanks", .properties, "motd=\nport=\nname =\n", "motd=\nport=30000\nname = Kids\n"),
    .init(
      "what says the value stays to the byte", .properties, " port=30000 \nname  =  Kids\n",
      " port=30000 \nname  =  Kids\n"),
    .init(
      "Java's other signs set a key too, and Berth's stands behind them", .properties,
      "port = 1\nname = x\nport: 2\n! port 3\nna\\me y\n", "port: 2\n! port 3\nna\\me y\nport = 30000\nname = Kids\n"),
    .init(
      "an accent is no part of a key", .properties, "port =\u{301} 1\nname\u{301} = x\n",
      "port =30000\nname\u{301} = x\nname =Kids\n"),
    .init("a mark at the beginning of the file", .properties, "\u{FEFF}port = 1\n", "port = 30000\nname = Kids\n"),
  ]

  static let words: [Merge] = [
    .init("nothing there", .words, "", "port 30000\nname Kids\n"),
    .init(
      "commands and comments of a person's stay", .words,
      "# mine\n// c\nmotd \"a; port 1\"\nport 1\n\tname\told\nbind x y\n",
      "# mine\n// c\nmotd \"a; port 1\"\nport 30000\nname Kids\nbind x y\n"),
    .init("capital letters are no other key", .words, "PORT 1\n\"Name\" x\n", "port 30000\nname Kids\n"),
    .init(
      "several commands in a line are taken apart", .words, "motd hi; port 1; name x # mine\n",
      "motd hi # mine\nport 30000\nname Kids\n"),
    .init(
      "a remark behind a key is kept", .words, "port 1 // the port\nname x\n", "// the port\nport 30000\nname Kids\n"),
    .init(
      "a remark behind a later command", .words, "motd hi; port 1 // é\u{301}\nname x // a // b\n",
      "motd hi // é\u{301}\nport 30000\n// b\nname Kids\n"),
    .init("a command behind an empty one", .words, "; port 1\nname x", "port 30000\nname Kids\n"),
    .init("a command that is alone", .words, "port\nname\n", "port 30000\nname Kids\n"),
    .init("a string that is not closed", .words, "motd \"a; port 1\n", "motd \"a; port 1\nport 30000\nname Kids\n"),
    .init("a carriage return ends a line", .words, "# a\rport 1\nname x\n", "# a\nport 30000\nname Kids\n"),
    .init("an unset key goes", .words, "gone 1\nport 1\nname x\n", "port 30000\nname Kids\n"),
    .init(
      "what says the value stays to the byte", .words, " PORT\t\"30000\"\nname Kids \n",
      " PORT\t\"30000\"\nname Kids \n"),
    .init(
      "what Quake III runs behind a '#', and Teeworlds behind a '//', comes before", .words,
      "port 1\nname x\n# a; port 2\n// b; name y\n", "# a; port 2\n// b; name y\nport 30000\nname Kids\n"),
    .init(
      "a comment that only names a key moves nothing", .words, "port 1\nname x\n# port 2\n// name y\n",
      "port 30000\nname Kids\n# port 2\n// name y\n"),
    .init(
      "a backslash before a quote ends a string for some", .words, "port 1\nmotd \"a\\\"; port 2\nname x\n",
      "motd \"a\\\"; port 2\nname Kids\nport 30000\n"),
    .init("'set' is no word of these programs", .words, "set port 1\nname x\n", "set port 1\nname Kids\nport 30000\n"),
    .init("longer words are other keys", .words, "ports 1\nport_x 2\n", "ports 1\nport_x 2\nport 30000\nname Kids\n"),
  ]

  static let env: [Merge] = [
    .init("nothing there", .env, "", "port=\"30000\"\nname=\"Kids\"\n"),
    .init(
      "variables and comments of a person's stay", .env, "# a\n; b\nX=1\nport=2\n  name = y\n",
      "# a\n; b\nX=1\nport=\"30000\"\nname=\"Kids\"\n"),
    .init(
      "a shell's export", .env, "export port=2\nexport X=1\nname=1",
      "export port=\"30000\"\nexport X=1\nname=\"Kids\"\n"),
    .init(
      "a further assignment on a shell's line", .env, "port=2\nexport X=1 port=4\n",
      "export X=1 port=4\nport=\"30000\"\nname=\"Kids\"\n"),
    .init(
      "inside quotes stands no key", .env, "X=\"a\nport=1\n\"\nY='\nname=2\n'\n",
      "X=\"a\nport=1\n\"\nY='\nname=2\n'\nport=\"30000\"\nname=\"Kids\"\n"),
    .init(
      "a value goes on behind a backslash", .env, "X=a\\\nport=1\nname=\\\nb\n",
      "X=a\\\nport=1\nname=\"Kids\"\nport=\"30000\"\n"),
    .init("a quote that is never closed", .env, "A=1\nX=\"a\nport=1\n", "A=1\nport=\"30000\"\nname=\"Kids\"\nX=\"a\n"),
    .init(
      "a quote of Berth's own key that is never closed", .env, "port=\"1\nX=2\n", "port=\"30000\"\nX=2\nname=\"Kids\"\n"
    ),
    .init("a comment that may go on", .env, "# a\\\nport=1\nname=2\n", "# a\\\n\nport=\"30000\"\nname=\"Kids\"\n"),
    .init("a backslash at the very end", .env, "X=a\\", "X=a\\\n\nport=\"30000\"\nname=\"Kids\"\n"),
    .init(
      "an escaped quote closes nothing", .env, "X=\"\\\"\nport=1\"\n",
      "X=\"\\\"\nport=1\"\nport=\"30000\"\nname=\"Kids\"\n"),
  ]
}
