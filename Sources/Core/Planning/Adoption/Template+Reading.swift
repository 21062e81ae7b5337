import BerthKit

/// A template, read backwards.
extension Template {
  /// The longest text in which several settings are looked for.
  private static let longest = 1000

  /// The text, where it is made of settings alone.
  ///
  /// - Parameter value: what a setting is.
  /// - Returns: nil where one has no value, or another variable stands in it.
  func text(of manifest: Manifest, _ value: (Setting) -> String?) -> String? {
    var text = ""
    for segment in segments {
      switch segment {
      case .literal(let literal): text += literal
      case .variable(let name):
        guard let part = name.settingID.flatMap(manifest.setting).flatMap(value) else { return nil }
        text += part
      case .filtered: return nil
      }
    }
    return text
  }

  /// The settings that make the text what it is, and their values: of `{{settings.a}},localhost`, that is `x` in
  /// `x,localhost`. Of several settings there is one way alone to read all of them, else there is none.
  ///
  /// - Parameter known: what others have said already.
  func settings(
    in text: String, of manifest: Manifest, known: [String: String]
  ) -> [(id: String, value: String)] {
    var parts: [Part] = []
    for segment in segments {
      switch segment {
      case .literal(let literal): parts.append(.literal(Array(literal.utf8)))
      case .variable(let name):
        guard let id = name.settingID, let setting = manifest.setting(id) else { return [] }
        parts.append(.setting(setting))
      case .filtered: return []
      }
    }
    let names = parts.compactMap(\.id)
    guard Set(names).count == 1 || text.utf8.count <= Self.longest else { return [] }
    // By bytes: what looks alike is not the same variable.
    var ways: [[String: String]] = []
    // A person may have left out what only repeats a setting, such as `,www.{{settings.domain}}` at the end.
    for count in stride(from: parts.count, to: 0, by: -1) where ways.isEmpty {
      let (kept, left) = (parts[..<count], parts[count...].compactMap(\.id))
      guard count == parts.count || mayBeLeft(parts[count...], text), Set(left).isSubset(of: Set(kept.compactMap(\.id)))
      else { continue }
      Self.match(kept, Array(text.utf8)[...], known, checks: Set(names).count > 1 || count < parts.count, &ways)
    }
    guard ways.count == 1, let way = ways.first else { return [] }
    return names.reduce(into: []) { found, id in
      if let value = way[id], !found.contains(where: { $0.0 == id }) { found.append((id, value)) }
    }
  }

  /// Whether nothing in a text tells of these parts, which hold a setting.
  private func mayBeLeft(_ parts: ArraySlice<Part>, _ text: String) -> Bool {
    guard case .literal(let literal)? = parts.first, parts.contains(where: { $0.id != nil }) else { return false }
    return !text.contains(String(decoding: literal, as: UTF8.self))
  }

  private enum Part {
    case literal([UInt8])
    case setting(Setting)

    var id: String? { if case .setting(let setting) = self { setting.id } else { nil } }
  }

  /// Finds at most two ways: more than one is none.
  private static func match(
    _ parts: ArraySlice<Part>, _ bytes: ArraySlice<UInt8>, _ known: [String: String], checks: Bool,
    _ ways: inout [[String: String]]
  ) {
    guard ways.count < 2 else { return }
    guard let part = parts.first else {
      if bytes.isEmpty { ways.append(known) }
      return
    }
    let rest = parts.dropFirst()
    switch part {
    case .literal(let literal):
      if bytes.starts(with: literal) { match(rest, bytes.dropFirst(literal.count), known, checks: checks, &ways) }
    case .setting(let setting):
      if let value = known[setting.id] {
        let value = Array(value.utf8)
        if bytes.starts(with: value) { match(rest, bytes.dropFirst(value.count), known, checks: checks, &ways) }
        return
      }
      for count in 0...bytes.count {
        // The rest is quicker to refuse than a value.
        if case .literal(let literal)? = rest.first, !bytes.dropFirst(count).starts(with: literal) { continue }
        if rest.isEmpty, count < bytes.count { continue }
        let value = String(decoding: bytes.prefix(count), as: UTF8.self)
        let text = setting.kind == .bool ? value.lowercased() : value
        if checks, (try? setting.parse(text)) == nil { continue }
        var known = known
        known[setting.id] = text
        match(rest, bytes.dropFirst(count), known, checks: checks, &ways)
      }
    }
  }
}

extension String {
  /// `a` of `settings.a`.
  var settingID: String? {
    let prefix = "settings."
    return hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
