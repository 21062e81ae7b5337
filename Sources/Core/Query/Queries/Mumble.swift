/// The ping of a Mumble server, which tells how many use it.
///
/// https://www.mumble.info/documentation/developer/protocol/
enum Mumble {
  static func request(_ token: UInt32) -> [UInt8] { [0, 0, 0, 0] + .big32(token) + .big32(token) }

  /// - Returns: nil for an answer to another request.
  static func report(_ packet: [UInt8], token: UInt32) throws -> ServerReport? {
    var reader = ByteReader(packet)
    let version = Array(try reader.take(4))
    let tokens = (try reader.big32(), try reader.big32())
    guard tokens == (token, token) else { return nil }
    let count = try reader.big32()
    let limit = try reader.big32()
    return ServerReport(
      version: version[1...].map { String($0) }.joined(separator: "."), count: Int(count), limit: Int(limit))
  }
}
