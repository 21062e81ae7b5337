/// The file systems that a host mounts by itself, as fstab(5) lists them.
public struct MountTable: Sendable, Equatable {
  public static let file = "/etc/fstab"

  /// The folders on which something is to be mounted.
  public let places: [String]

  public init(_ text: String) {
    places = text.split(separator: "\n").compactMap { line -> String? in
      let fields = line.split { $0 == " " || $0 == "\t" }
      guard fields.count > 1, !fields[0].hasPrefix("#"), fields[1].hasPrefix("/") else { return nil }
      // A blank in a name, for one, stands there as `\040`.
      let place = String(fields[1]).replacing(/\\([0-7]{3})/) { octal -> String in
        String(UnicodeScalar(UInt8(octal.output.1, radix: 8) ?? 0))
      }
      return place.count > 1 && place.hasSuffix("/") ? String(place.dropLast()) : place
    }
  }

  /// Those on the way to a path, the nearest one first.
  public func places(above path: String) -> [String] {
    places.filter { $0 != "/" && path.hasPrefix("\($0)/") }.sorted { $0.utf8.count > $1.utf8.count }
  }
}
