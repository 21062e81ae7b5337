/// Files of lines that mean something to one of the formats, put together by chance.
enum RandomFile {
  private static let lines = [
    "", " ", "\t", "# c", "; c", "// c", "# c\\", "# port = 1", "; port = 1", "// port 1", "#port=1", "port = 1",
    "port=1",
    "\tport\t=\t1", "port 1", "PORT 2", "\"port\" 3", "port", "name = x", "name=\"x", "name='", "name \"x\"",
    "name x; port 2",
    "gone = 1", "gone='", "gone 1 # c", "export port=2", "a = 1", "a=1", "a=\"", "a='", "a=\"x\\\"", "a=x\\", "a 1",
    "a \"; port 1", "a \\\"; port 1", "a 1; b 2", "a // b; c", "/* c", "*/ b 1", "port 1 /* c */ port 2",
    "c \"*/ b 2", "set port 2", "# c; port 2", "// c; port 2", "#c\"; port 2",
    "seta port 2", "a \"x\\\"; port 1\"", "port: 1", "na\\me y", "! port", "name=x\\", "  port 2", "motd = \"\"\"",
    "\"\"\"", "name = \"\"\"", "g = {", "}",
    "port = {",
    " } ", "[section]", "\\", "\"", "'", "=", "port =", "= port", "é = ü", "port =\u{301} 1", "\u{FEFF}port = 1",
    "x\0y",
    "port=\\", "name=\\", "x\rport = 1", "x\rport=1", "x\rport 1", "{", "]]", "a = {}", "a = \"\"\" x",
  ]

  static func text(_ generator: inout SeededGenerator) -> String {
    let endings = [["\n"], ["\r\n"], ["\n", "\r\n"], ["\n", "\r"]].randomElement(using: &generator) ?? []
    var text = ""
    for _ in 0..<Int.random(in: 0...12, using: &generator) {
      text += (lines.randomElement(using: &generator) ?? "") + (endings.randomElement(using: &generator) ?? "")
    }
    if Bool.random(using: &generator) { text += lines.randomElement(using: &generator) ?? "" }
    return text
  }
}
