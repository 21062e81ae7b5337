import BerthKit
import Foundation

/// The ranges of addresses that the host has a way to.
enum HostRoutes {
  /// Wider ways lead to everywhere else, such as the two halves of all addresses that a private network's client sets.
  private static let widest = 8

  /// - Parameter table: `/proc/net/route` (proc_pid_net(5)), in which addresses stand in the order of the network's bytes.
  static func subnets(in table: String) -> [Subnet] {
    table.split(separator: "\n").dropFirst().compactMap { line in
      let words = line.split { $0 == "\t" || $0 == " " }
      guard words.count > 7, let first = number(words[1]), let mask = number(words[7]) else { return nil }
      return subnet(first, mask: mask)
    }
  }

  /// Those of the host's own interfaces, which need no way in that table.
  static func addresses() -> [Subnet] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return [] }
    defer { freeifaddrs(list) }
    return sequence(first: list, next: { $0?.pointee.ifa_next }).compactMap { entry in
      guard let address = number(entry?.pointee.ifa_addr), let mask = number(entry?.pointee.ifa_netmask) else {
        return nil
      }
      return subnet(address & mask, mask: mask)
    }
  }

  private static func subnet(_ first: UInt32, mask: UInt32) -> Subnet? {
    let bits = mask.nonzeroBitCount
    guard mask.leadingZeroBitCount == 0, bits >= widest else { return nil }
    return Subnet(first, bits: bits)
  }

  private static func number(_ text: Substring) -> UInt32? { UInt32(text, radix: 16).map { UInt32(bigEndian: $0) } }

  private static func number(_ address: UnsafeMutablePointer<sockaddr>?) -> UInt32? {
    guard let address, address.pointee.sa_family == AF_INET else { return nil }
    return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
      UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
    }
  }
}
