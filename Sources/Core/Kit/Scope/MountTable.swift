/// The file systems that a host mounts by itself, as fstab(5) lists them.
public struct MountTable: Sendable, Equatable {
  public static let file = "/etc/fstab"

  /// The folders on which something is to be mounted.
  public let places: [String]

  public init(_ text: String) {
    places = text.split(separator: "\n").compactMap { line -> String? in
      let fields = line.split { $0 == " " || $0 == "\t" }
      guard fields.count > 1, !fields[0].hasPrefix("#"), fields[1].hasPrefix("/") else { return nil }
      let place = Self.unescaped(fields[1])
      return place.count > 1 && place.hasSuffix("/") ? String(place.dropLast()) : place
    }
  }

  /// A name as it is. A blank in one, for instance, stands in such tables as `\040`.
  static func unescaped(_ field: Substring) -> String {
    String(field).replacing(/\\([0-7]{3})/) { octal -> String in
      String(UnicodeScalar(UInt8(octal.output.1, radix: 8) ?? 0))
    }
  }

  /// Those on the way to a path, the nearest one first.
  public func places(above path: String) -> [String] {
    places.filter { $0 != "/" && path.hasPrefix("\($0)/") }.sorted { $0.utf8.count > $1.utf8.count }
  }
}
