/// The oldest Berth that reads a plugin, as `needs: berth >= 0.2` says it.
public struct NeededRelease: Sendable, Equatable, Codable {
  /// The numbers of a version, the most weighty first.
  public let numbers: [Int]

  /// Nil for what is not `berth >=` and a version of one to three numbers.
  public init?(_ text: String) {
    let words = text.split(separator: " ")
    guard words.count == 3, words[0] == "berth", words[1] == ">=", let numbers = Self.numbers(words[2]) else {
      return nil
    }
    self.numbers = numbers
  }

  private static func numbers(_ text: Substring) -> [Int]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { $0.allSatisfy(\.isNumber) ? Int($0) : nil }
    return (1...3).contains(parts.count) && numbers.count == parts.count ? numbers : nil
  }

  /// Whether a version is at least this one.
  ///
  /// - Parameter release: such as `0.2.0`.
  public func isMet(by release: String) -> Bool {
    guard let own = Self.numbers(release[...]) else { return false }
    let wanted = numbers + Array(repeating: 0, count: max(0, own.count - numbers.count))
    return !own.lexicographicallyPrecedes(wanted)
  }

  /// As it is written.
  public var text: String { "berth >= \(numbers.map(String.init).joined(separator: "."))" }
}
