import BerthKit
import BerthRender
import Foundation
import Testing

/// Files that Debian's packages have brought to this machine: nobody made them for these tests.
@Suite("Config files of other programs' packages") struct PackageFileTests {
  /// Where files of a format lie, and how their names end.
  private static func places(_ format: ConfigFile.Format) -> (folders: [String], endings: [String]) {
    switch format {
    case .properties: (["/etc", "/usr/share"], [".properties", ".conf"])
    case .words: (["/etc", "/usr/share/games"], [".cfg"])
    case .env:
      (["/etc/default", "/etc", "/usr/lib"], ["os-release", "/locale", "/useradd", "/cron", "/networkd-dispatcher"])
    case .ini: (["/etc", "/usr/share", "/usr/lib/systemd"], [".ini", ".desktop", ".service", ".timer"])
    case .xml: (["/usr/share"], [".xml", ".svg"])
    case .json: (["/usr/share", "/usr/lib"], [".json"])
    case .yaml: (["/usr/share", "/etc"], [".yaml", ".yml"])
    case .toml: (["/usr/share", "/usr/lib", "/etc"], [".toml"])
    case .unreal, .template, .custom: ([], [])
    }
  }

  /// At most so many files of a format, as the folders list them; none is long.
  private static func files(_ format: ConfigFile.Format, most: Int = 200) -> [String] {
    let (folders, endings) = places(format)
    var found: [String] = []
    for folder in folders {
      guard let walk = FileManager.default.enumerator(atPath: folder) else { continue }
      for case let name as String in walk where endings.contains(where: { "/\(name)".hasSuffix($0) }) {
        guard walk.fileAttributes?[.type] as? FileAttributeType == .typeRegular,
          (walk.fileAttributes?[.size] as? Int).map({ 1..<100_000 ~= $0 }) == true
        else { continue }
        found.append("\(folder)/\(name)")
        if found.count >= most { return found }
      }
    }
    return found
  }

  private static func path(_ format: ConfigFile.Format, in text: String) -> [String]? {
    switch format {
    case .ini: ["Berth", "fresh"]
    case .xml: text.firstMatch(of: /<([A-Za-z_][A-Za-z0-9_.-]*)[\s>\/]/).map { [String($0.1), "fresh"] }
    default: ["fresh"]
    }
  }

  @Test(
    "a key comes into it and goes again, and every byte that was there is there afterwards",
    arguments: [ConfigFile.Format.properties, .words, .env, .ini, .xml, .json, .yaml, .toml])
  func roundTrip(_ format: ConfigFile.Format) throws {
    var (changed, leftAlone) = (0, 0)
    for file in Self.files(format) {
      guard let data = FileManager.default.contents(atPath: file) else { continue }
      let bytes = Array(data)
      let text = RawText.text(of: bytes)
      guard let path = Self.path(format, in: text) else { continue }
      func trial(_ text: String, _ value: Value?) -> ConfigTrial.Outcome {
        ConfigTrial(format: format, existing: text, path: path, value: value).run()
      }
      switch trial(text, .text("a b")) {
      case .changed(let made):
        changed += 1
        let lines = bytes.split(separator: 10)
        // Everything stays: what comes is one line, or a few where a section or a map is made for it.
        var rest = RawText.bytes(of: made).split(separator: 10)[...]
        var missing: [ArraySlice<UInt8>] = []
        for line in lines {
          if let place = rest.firstIndex(where: { $0 == line }) {
            rest = rest[(place + 1)...]
          } else {
            missing.append(line)
          }
        }
        // JSON and TOML put a comma behind the last value; a file of one line becomes another one.
        #expect(missing.count <= 1, "\(file): \(missing.prefix(3).map { String(decoding: $0, as: UTF8.self) })")
        guard case .changed(let back) = trial(made, nil) else {
          Issue.record("\(file): the key does not go again")
          continue
        }
        let again = trial(back, .text("a b"))
        if case .changed(let twice) = again, twice.isSame(as: made) { continue }
        Issue.record("\(file): the same key makes another text the second time: \(again)")
      case .broken: leftAlone += 1
      case .refused: Issue.record("\(file): refused")
      case .wrong(let why): Issue.record("\(file): \(why)")
      }
    }
    // A file may be another format under the same ending, or hold what Berth says it does not change.
    #expect(leftAlone <= changed, "\(changed) changed, \(leftAlone) left alone")
  }
}
