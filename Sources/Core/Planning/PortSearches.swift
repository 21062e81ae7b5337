import BerthKit

/// How far searches for free port numbers have come, so that a thousand instances do not each begin at the default.
struct PortSearches {
  /// What was looked for: numbers for roles of that shape.
  struct Key: Hashable {
    private struct Role: Hashable {
      let name: String
      let protocols: [TransportProtocol]
      let offset: Int
    }

    private let roles: [Role]
    private let first: Int

    init(_ roles: [PortRole], from first: Int) {
      self.roles = roles.map { Role(name: $0.role, protocols: $0.protocols, offset: $0.follows?.offset ?? 0) }
      self.first = first
    }
  }

  private var found: [Key: Int] = [:]

  /// The number below which nothing is free; nil when nobody has looked.
  func reached(_ key: Key) -> Int? { found[key] }

  mutating func note(_ key: Key, _ number: Int) { found[key] = number }

  /// Ports became free again.
  mutating func forget() { found = [:] }
}
