import BerthKit
import BerthRender
import TestSupport
import Testing

@Suite("Broken config files") struct ConfigFuzzTests {
  /// How many texts each format is given.
  static let inputs = Fuzz.inputs(2_000, everyPoint: 20_000)

  @Test(
    "whatever a file holds, it is changed in one value or left alone",
    arguments: [ConfigFile.Format.properties, .words, .env] + ConfigPropertyTests.formats)
  func fuzz(_ format: ConfigFile.Format) throws {
    var generator = SeededGenerator(state: 0xF022)
    let real = Array(RealConfig.text(format).utf8)
    let paths = Self.paths(format)
    var (changed, kept) = (0, 0)
    for number in 0..<Self.inputs {
      let text = number % 2 == 0 ? Self.noise(&generator) : Self.mutated(real, &generator)
      let trial = ConfigTrial(
        format: format, existing: text, path: paths[number % paths.count],
        value: number % 9 == 0 ? nil : .text(Self.values[number % Self.values.count]))
      switch trial.run() {
      case .wrong(let why): Issue.record("\(number): \(why); \(text.debugDescription)")
      case .refused: break
      case .broken: kept += 1
      case .changed(let result):
        changed += 1
        if !keeps(trial, in: result) {
          Issue.record("\(number): \(text.debugDescription) → \(result.debugDescription)")
        }
      }
    }
    #expect(changed > Self.inputs / 20, "\(changed) changed, \(kept) left alone")
  }

  private static let values = ["8081", "x", "a b", "it's", "a=b", "é", "a,b", "#1"]

  private static func paths(_ format: ConfigFile.Format) -> [[String]] {
    switch format {
    case .properties: [["server-port"], ["fresh"]]
    case .words: [["sv_port"], ["fresh"]]
    case .env: [["B"], ["FRESH"]]
    case .ini: [["Preferences", #"WebUI\Port"#], ["BitTorrent", "fresh"], ["fresh"]]
    case .xml: [["Config", "Port"], ["Config", "fresh"], ["Config", "Branch", "@x"]]
    case .json: [["max_players"], ["visibility", "lan"], ["visibility", "fresh"], ["fresh"]]
    case .yaml: [["_version"], ["proxies", "velocity", "secret"], ["commands", "fix"], ["messages", "fresh"]]
    case .toml: [["motd"], ["servers", "lobby"], ["advanced", "fresh"], ["fresh"]]
    case .unreal: [[PathEdit.world, "OptionSettings", "PublicPort"], ["/Script/Engine.GameSession", "Name"]]
    case .template, .custom: []
    }
  }

  /// Lines that do not name the key, nor stand beside what was changed, are there still and in order.
  private func keeps(_ trial: ConfigTrial, in text: String) -> Bool {
    let (old, new) = trial.difference(to: text)
    let name = trial.path.last?.replacing("@", with: "").lowercased() ?? ""
    var rest = new[...]
    for line in old where !line.lowercased().contains(name) && line.utf8.contains(where: { $0 > 32 }) {
      // A comma may come behind it or go, or a key come into it.
      let start = line.hasSuffix(",") ? String(line.dropLast()) : line
      let isThere = { (other: String) in other.hasPrefix(start) || other.lowercased().contains(name) }
      guard let place = rest.firstIndex(where: isThere) else { return isPartOfValue(trial) }
      rest = rest[(place + 1)...]
    }
    return true
  }

  /// A value that goes over several lines goes as a whole.
  private func isPartOfValue(_ trial: ConfigTrial) -> Bool {
    // In an env file such a value may also stand in a line of the key's that does not count.
    if trial.format == .env { return trial.existing.contains("'") || trial.existing.contains("\"") }
    let read = try? ConfigText.value(at: trial.path, of: trial.existing, format: trial.format, file: "f")
    return (read ?? nil)?.utf8.contains { $0 == 10 || $0 == 13 } == true
  }

  private static func noise(_ generator: inout SeededGenerator) -> String {
    let pieces: [[UInt8]] = [
      "[", "]", "{", "}", "<", ">", "</", "\"", "'", "=", ":", ",", "\n", "\r\n", "\r", "&", "#", ";", "\\", " ", "\t",
      "- ", "a", "Config", "1", "(", ")", "|", "*a", "&a ", "\"\"\"", "<!--", "-->", "<![CDATA[",
    ].map { Array($0.utf8) }
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 0...40, using: &generator) {
      bytes +=
        Int.random(in: 0..<3, using: &generator) == 0
        ? [UInt8.random(in: 0...255, using: &generator)] : pieces.randomElement(using: &generator) ?? []
    }
    return RawText.text(of: bytes)
  }

  private static func mutated(_ real: [UInt8], _ generator: inout SeededGenerator) -> String {
    var bytes = real
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      guard !bytes.isEmpty else { break }
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes.remove(at: place)
      case 2: bytes.insert("\"'<>[]{}=:,\\#;\n\r (".utf8.randomElement(using: &generator) ?? 0, at: place)
      case 3: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...30, using: &generator)))
      case 4:
        bytes.insert(
          contentsOf: bytes[place..<min(bytes.count, place + Int.random(in: 1...60, using: &generator))], at: place)
      default: bytes = Array(bytes[..<place])
      }
    }
    return RawText.text(of: bytes)
  }
}
