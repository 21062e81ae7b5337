/// A range of IPv4 addresses, such as `10.213.0.0/27`.
public struct Subnet: Sendable, Hashable {
  public let first: UInt32
  /// How many bits all of its addresses have alike: 0 for every address there is, 32 for a single one.
  public let bits: Int

  /// - Returns: nil where the range does not begin at a multiple of its own size.
  public init?(_ first: UInt32, bits: Int) {
    guard (0...32).contains(bits) else { return nil }
    (self.first, self.bits) = (first, bits)
    guard first & ~Self.mask(bits) == 0 else { return nil }
  }

  /// - Returns: nil for what is no range of IPv4 addresses.
  public init?(_ text: String) {
    let halves = text.split(separator: "/", omittingEmptySubsequences: false)
    let parts = halves[0].split(separator: ".", omittingEmptySubsequences: false).map(Self.number)
    guard halves.count == 2, parts.count == 4, let bits = Self.number(halves[1]).flatMap(Int.init) else { return nil }
    var first: UInt32 = 0
    for part in parts {
      guard let part, part <= 255 else { return nil }
      first = first << 8 | part
    }
    self.init(first, bits: bits)
  }

  /// The range of so many bits that an address lies in.
  public static func around(_ address: UInt32, bits: Int) -> Subnet? {
    (0...32).contains(bits) ? Subnet(address & mask(bits), bits: bits) : nil
  }

  public var last: UInt32 { first | ~Self.mask(bits) }

  public func overlaps(_ other: Subnet) -> Bool { first <= other.last && other.first <= last }

  public func contains(_ other: Subnet) -> Bool { first <= other.first && other.last <= last }

  private static func mask(_ bits: Int) -> UInt32 { bits == 0 ? 0 : ~0 << UInt32(32 - bits) }

  /// Digits alone, without zeros before them: some programs take these for another base.
  private static func number(_ text: Substring) -> UInt32? {
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), text == "0" || text.first != "0" else { return nil }
    return UInt32(text)
  }
}

extension Subnet: CustomStringConvertible {
  public var description: String {
    [24, 16, 8, 0].map { "\(first >> $0 & 255)" }.joined(separator: ".") + "/\(bits)"
  }
}

extension Subnet: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let subnet = Subnet(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no range of IPv4 addresses")
    }
    self = subnet
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
