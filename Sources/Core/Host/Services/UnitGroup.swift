import BerthKit

/// Control groups of units, by systemd.special(7) and systemd.slice(5).
public enum UnitGroup {
  /// Where a unit's group is below its manager's.
  static func path(of unit: String, isSystem: Bool) -> String { "\(slice(of: unit, isSystem))/\(unit)" }

  /// The slice of a unit that is made from a template, which all of that template share.
  private static func slice(of unit: String, _ isSystem: Bool) -> String {
    let (outer, inner) = isSystem ? ("system.slice", "system") : ("app.slice", "app")
    guard let at = unit.firstIndex(of: "@") else { return outer }
    return "\(outer)/\(inner)-\(unit[..<at].replacing("-", with: "\\x2d")).slice"
  }

  /// The groups of a process in the hierarchies by which a manager knows its units: version 2, and `systemd` of version 1.
  static func groups(of process: String) -> [String] {
    SocketTable.contents("/proc/\(process)/cgroup").split(separator: "\n").compactMap { line in
      ["0::", "1:name=systemd:"].first { line.hasPrefix($0) }.map { String(line.dropFirst($0.count)) }
        ?? (line.contains(":name=systemd:") ? line.split(separator: ":", maxSplits: 2).last.map(String.init) : nil)
    }
  }

  /// Whether a process is in one of these groups, or below one.
  static func holds(_ process: Int, in groups: [String]) -> Bool {
    let own = Self.groups(of: "\(process)")
    return groups.contains { group in own.contains { $0 == group || $0.hasPrefix("\(group)/") } }
  }

  /// The group of the unit that this process is part of; nil outside of any.
  static func own() -> String? {
    groups(of: "self").lazy.compactMap { group in
      let parts = group.split(separator: "/")
      return parts.lastIndex { $0.hasSuffix(".service") }.map { "/" + parts[...$0].joined(separator: "/") }
    }.first
  }
}

extension Peer {
  /// The unit that this process is part of, or another one of the same manager's.
  ///
  /// - Parameter unit: the other one's name; nil for this process's own.
  /// - Returns: nil where this process is in no unit, or where the units are not laid out as Berth's are.
  public static func unit(_ unit: String? = nil) -> Peer? {
    guard let own = UnitGroup.own() else { return nil }
    guard let unit else { return Peer(groups: [own]) }
    let name = String(own.split(separator: "/").last ?? "")
    for isSystem in [true, false] {
      let place = "/\(UnitGroup.path(of: name, isSystem: isSystem))"
      if own.hasSuffix(place) {
        return Peer(groups: ["\(own.dropLast(place.count))/\(UnitGroup.path(of: unit, isSystem: isSystem))"])
      }
    }
    return nil
  }
}
