import BerthKit
import Foundation

@testable import BerthEngine
@testable import BerthPlan

/// An app whose program comes from its maker, in a version that a setting names.
struct CargoPlugin: AppPlugin {
  /// What the makers's archive of a version is.
  static func archive(_ version: String) -> String { tar(["cargo/bin/server": "version \(version)"]) }

  /// The settings of a version.
  static func settings(_ version: String) -> [String: String] {
    ["version": version, "sum": Checksum.text(archive(version))]
  }

  var manifest: Manifest {
    Manifest(
      id: "cargo", name: "Cargo", summary: "Comes from its maker", category: .game, version: "1",
      install: [
        .download(
          Download(
            "https://maker.example/cargo-{{settings.version}}.tar", sha256: "{{settings.sum}}", to: "{{paths.app}}",
            unpacked: true, strip: 1)),
        .download(
          Download(
            "https://maker.example/notes", sha256: Template(literal: Checksum.text("notes")),
            to: "{{paths.app}}/doc/notes", when: Condition([.init("notes", ["true"])]))),
      ],
      settings: [
        Setting("version", .string, default: "1"),
        Setting("sum", .string, default: Template(literal: Checksum.text(Self.archive("1")))),
        Setting("notes", .bool, default: "true"), Setting("title", .string, optional: true),
      ],
      ports: [PortRole("game", [.udp], default: 32000)],
      services: [Service(exec: ["{{paths.app}}/bin/server", "{{ports.game}}"], workdir: "{{paths.app}}")],
      config: [ConfigFile("cargo.conf", .properties, values: [.init("title", "{{settings.title}}")])])
  }

  /// Puts on a host what the maker has to give.
  static func stock(_ host: TestHost) throws {
    try host.files.makeFolder("/maker", mode: 0o755, owner: nil)
    func put(_ name: String, _ text: String) throws {
      try host.files.write(text, to: "/maker/\(name)", mode: 0o644, owner: nil, anchor: nil)
    }
    for version in ["1", "2"] { try put("cargo-\(version).tar", archive(version)) }
    try put("notes", "notes")
  }

  /// A plain tar, which is text as long as what is in it is.
  private static func tar(_ files: [String: String]) -> String {
    var bytes: [UInt8] = []
    for (path, text) in files.sorted(by: { $0.key < $1.key }) {
      func octal(_ number: Int, _ count: Int) -> String {
        let digits = String(number, radix: 8)
        return String(repeating: "0", count: count - digits.count) + digits
      }
      var header = [UInt8](repeating: 0, count: 512)
      func set(_ text: String, _ offset: Int) {
        header.replaceSubrange(offset..<(offset + text.utf8.count), with: text.utf8)
      }
      set(path, 0)
      set(octal(0o644, 7), 100)
      set(octal(0, 7), 108)
      set(octal(0, 7), 116)
      set(octal(text.utf8.count, 11), 124)
      set(octal(0, 11), 136)
      set("        0", 148)
      set("ustar", 257)
      set("00", 263)
      set(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\0 ", 148)
      bytes += header + Array(text.utf8) + [UInt8](repeating: 0, count: (512 - text.utf8.count % 512) % 512)
    }
    return String(decoding: bytes + [UInt8](repeating: 0, count: 1024), as: UTF8.self)
  }
}

/// An app of Steam's: in a branch, unless a setting says otherwise.
struct BargePlugin: AppPlugin {
  /// Whether something of it is backed up.
  var isBackedUp = false

  var manifest: Manifest {
    Manifest(
      id: "barge", name: "Barge", summary: "Comes from Steam", category: .game, version: "1",
      install: [
        .steam(SteamServer(4711, branch: "beta", when: Condition([.init("branch", ["beta"])]))),
        .steam(SteamServer(4711, when: Condition([.init("branch", ["public"])]))),
        .steam(SteamServer(4711, branch: "gone", when: Condition([.init("branch", ["gone"])]))),
      ],
      settings: [Setting("branch", .choice, default: "beta", choices: ["beta", "public", "gone"])],
      services: [Service(exec: ["{{paths.app}}/server"])],
      backup: isBackedUp
        ? [BackupSet("world", .files(paths: ["{{paths.data}}/world"], exclude: [], isHot: true))] : [])
  }
}
