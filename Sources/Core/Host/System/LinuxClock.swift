import BerthKit
import Foundation

/// The host's own time and randomness.
public struct LinuxClock: HostClock {
  private static let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789")

  public init() {}

  public func timestamp() -> String { Date.now.formatted(.iso8601) }

  public func uuid() -> String { UUID().uuidString.lowercased() }

  public func secret(length: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    return String((0..<length).map { _ in Self.alphabet.randomElement(using: &generator) ?? "x" })
  }
}
