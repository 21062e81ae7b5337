/// The first packets of a connection to a Luanti server, formerly Minetest.
///
/// How many play it tells nobody who has not joined, and so an answer says no more than that it is there.
enum Luanti {
  private static let magic: [UInt8] = [0x4f, 0x45, 0x74, 0x03]

  /// Something reliable of no peer yet, which a server answers with a peer's number.
  static let hello = magic + [0, 0, 0, 1]

  /// Takes the number back: on channel 0, a control packet that says goodbye.
  static func farewell(from peer: Int) -> [UInt8] { magic + [UInt8(peer >> 8), UInt8(peer & 0xff), 0, 0, 3] }

  /// The number that a server gives.
  ///
  /// - Returns: nil for a packet that says something else, such as a repeated ping.
  static func peer(_ packet: [UInt8]) throws -> Int? {
    var reader = ByteReader(packet)
    guard Array(try reader.take(4)) == magic else { throw AnswerFailure.garbage("it is no packet of Luanti") }
    // From the server, on any channel; reliable, with a number in a row; control.
    guard try reader.big16() == 1 else { throw AnswerFailure.garbage("it is not from the server") }
    _ = try reader.byte()
    guard try reader.byte() == 3 else { return nil }
    _ = try reader.big16()
    guard try reader.byte() == 0, try reader.byte() == 1 else { return nil }
    return try reader.big16()
  }
}
