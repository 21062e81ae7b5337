import BerthKit
import Crypto
import Foundation

/// The host's own time and randomness.
public struct LinuxClock: HostClock {
  private static let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789")

  public init() {}

  public func timestamp() -> String { Date.now.formatted(.iso8601) }

  public var journalTime: String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let micros = String(now.tv_nsec / 1000)
    let second = UTCTime.text(seconds: now.tv_sec).replacing("T", with: " ").dropLast()
    return "\(second).\(String(repeating: "0", count: 6 - micros.utf8.count))\(micros) UTC"
  }

  public func uuid() -> String { UUID().uuidString.lowercased() }

  public func uuid(for words: [String]) -> String {
    let boot = SocketTable.contents("/proc/sys/kernel/random/boot_id")
    // Containers on one kernel have one boot in common, and hosts of one image may have one machine id in common.
    let host = [boot, SocketTable.contents("/etc/machine-id"), ProcessInfo.processInfo.hostName]
    var bytes = SHA256.hash(data: Data((host + words).joined(separator: "\0").utf8)).prefix(16).map { $0 }
    // Version 4, variant 1 (RFC 9562, section 5.4): as good as random to everybody else.
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    return bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)).uuidString.lowercased() }
  }

  public func secret(length: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    return String((0..<length).map { _ in Self.alphabet.randomElement(using: &generator) ?? "x" })
  }
}
