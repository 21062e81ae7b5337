@testable import BerthQuery

/// Good answers of every protocol, byte by byte as the protocols have it.
enum Samples {
  static let ones: [UInt8] = [255, 255, 255, 255]

  static func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

  static let mumble: [UInt8] = [0, 1, 3, 4] + token + token + [0, 0, 0, 3] + [0, 0, 0, 100] + [0, 8, 0x80, 0xb0]
  static let token: [UInt8] = [0x11, 0x22, 0x33, 0x44]
  static let tokenNumber: UInt32 = 0x1122_3344

  static let quake3: [UInt8] =
    ones
    + Array(
      "statusResponse\n\\challenge\\77\\sv_hostname\\^2Oa ^7Den\\mapname\\oa_dm1\\sv_maxclients\\12\\version\\ioq3 1.36\n"
        .utf8) + Array("5 48 \"^1Red ".utf8) + [0xeb] + Array("\"\n-2 0 \"Bot \"x\"\"\n".utf8)

  static let teeworldsToken: [UInt8] = [4, 0, 0] + token + [5, 9, 8, 7, 6]
  static let teeworlds: [UInt8] =
    teeworldsHead + text("Ann") + text("clan") + [0x80, 0x01, 0x8a, 0x01, 0] + teeworldsTail
  private static let teeworldsHead: [UInt8] =
    [0x21] + token + [9, 8, 7, 6] + ones + Array("inf3".utf8) + [0x04] + text("0.7.5") + text("Arena") + text("host")
    + text("dm1") + text("DM") + [1, 0, 1, 16, 2, 16]
  /// A score below 0, of somebody who only watches.
  private static let teeworldsTail: [UInt8] = text("Bo\u{7}b") + text("") + [0x40, 0x44, 1]
  static let oldTeeworlds: [UInt8] =
    [UInt8](repeating: 255, count: 10) + Array("inf3".utf8)
    + ["68", "0.6.4", "Old", "ctf1", "CTF", "0", "1", "8", "1", "12", "Ann", "clan", "276", "-3", "1"].flatMap(text)

  static let a2sInfo: [UInt8] =
    ones + [0x49, 17] + text("Name") + text("de_dust") + text("cs") + text("Counter") + [10, 0, 5, 32, 1]
    + Array("dl".utf8) + [0, 1] + text("1.0.0.70") + [0]
  static let a2sPlayers: [UInt8] =
    ones + [0x44, 2] + [0] + text("Ann") + [0xfe, 0xff, 0xff, 0xff] + [0, 0, 0x28, 0x42] + [1] + text("") + [
      7, 0, 0, 0,
    ]
    + [0, 0, 0xc0, 0x7f]

  /// As Debian's armagetronad-dedicated 0.2.9.1.0 sent it, with one player.
  static let armagetron = hex(
    "00330000006711bd00000000001e78306666303030306544206e78306666666666665a22c36f21abc320ffa4000100000000"
      + "00000011000000252e302e322e395f316c616870326132303033323220326e75786964206465636974616465000000100000"
      + "00096f5aaac341200a6e000000206c41206c657374746e69736761202074656461666c7520746176756c7365002e001c7468"
      + "70742f3a772f7777612e6d72676174656f72616e2e64656e00740000000400000000000000000000000033330033fd44093f"
      + "aaab00aab4e80001e04e02040000")
  static let armagetronSmall = hex("00320000000511bd00000000000000000000")
  /// As Debian's minetest-server 5.6.1 sent it.
  static let luanti = hex("4f45740300010003ffdc00010002")

  private static func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue).map(UInt8.init)
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  static let minecraftJSON =
    #"{"version":{"name":"1.21.4","protocol":769},"players":{"max":20,"online":2,"sample":[{"name":"Ann","id":"x"},"#
    + #"{"name":"§cBob","id":"y"}]},"description":{"text":"Hi ","extra":[{"text":"§athere"},"!"]}}"#
  static let minecraft: [UInt8] =
    [0] + [UInt8(minecraftJSON.utf8.count & 127) | 128, UInt8(minecraftJSON.utf8.count >> 7)]
    + Array(minecraftJSON.utf8)

  static let palworld = (
    info: Array(#"{"version":"v0.3.1","servername":"Pal","description":""}"#.utf8),
    metrics: Array(#"{"serverfps":57,"currentplayernum":2,"maxplayernum":32,"uptime":9}"#.utf8),
    players: Array(#"{"players":[{"name":"Ann","ip":"x","ping":3.2,"level":4},{"name":"Bob"}]}"#.utf8)
  )
}
