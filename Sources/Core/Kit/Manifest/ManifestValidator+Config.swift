extension ManifestValidator {
  func check(_ file: ConfigFile) throws(Problem) {
    let key = "config.\(file.id)"
    if file.path == nil, !Self.isFileName(file.id) {
      throw Problem(key: key, text: "'\(file.id)' is not a file name; say where it lies with 'path'")
    }
    try checkOwner(file.service, key: "\(key).service")
    if let path = file.path { try checkLocation(path, key: "\(key).path", anywhere: false) }
    switch file.format {
    case .template:
      guard let text = file.template else { throw Problem(key: key, text: "there is no file of that name in files/") }
      try checkHasNoKeys(file, "a template")
      for tag in try Self.mustacheTags(in: text, key: key, file: file.id) {
        do {
          try checkVariable(tag.name, key: key)
          if let filter = tag.filter { try check(filter, of: tag.name, key: key) }
        } catch {
          throw Problem(key: key, text: error.text, at: tag.place)
        }
        // Mustache reads every dot as a step into a map, and a port is a number.
        guard !tag.name.hasSuffix(".bind") else {
          throw Problem(key: key, text: "'{{\(tag.name)}}' cannot stand in a template file", at: tag.place)
        }
      }
    case .custom: try checkHasNoKeys(file, "a custom file")
    case .properties, .words, .env, .ini, .xml, .json, .yaml, .toml, .unreal:
      guard !file.values.isEmpty || !file.initial.isEmpty else {
        throw Problem(key: key, text: "expected 'values' or 'initial'")
      }
    }
    try checkKeys(of: file)
  }

  private func checkHasNoKeys(_ file: ConfigFile, _ kind: String) throws(Problem) {
    if file.writer != nil {
      throw Problem(key: "config.\(file.id).written-by", text: "\(kind) is Berth's whole, and has no 'written-by'")
    }
    for (word, entries) in [("values", file.values), ("initial", file.initial)] where !entries.isEmpty {
      throw Problem(key: "config.\(file.id).\(word)", text: "\(kind) has no '\(word)'")
    }
  }

  private func checkKeys(of file: ConfigFile) throws(Problem) {
    guard let depth = file.format.depth else { return }
    var seen: [[String]] = []
    for (word, entries) in [("values", file.values), ("initial", file.initial)] {
      for entry in entries {
        let place = "config.\(file.id).\(word).\(entry.key)"
        guard depth.contains(entry.path.count) else {
          throw Problem(key: place, text: Self.depthText(depth, of: file.format))
        }
        for index in entry.path.indices where !Self.isConfigKey(entry.path, at: index, format: file.format) {
          throw Problem(key: place, text: "'\(entry.path[index])' cannot be a key of a \(file.format.rawValue) file")
        }
        if file.format == .xml, let root = seen.first?.first, root != entry.path[0] {
          throw Problem(key: place, text: "an xml file has one root element, and it is '\(root)' above")
        }
        // A variable is the same one with each word before it.
        let path = file.format == .words ? [Self.withoutSetWord(entry.path[0])] : entry.path
        for other in seen where Self.meet(other, path, format: file.format) {
          throw Problem(key: place, text: "'\(other.joined(separator: "."))' is set above too")
        }
        seen.append(path)
        try checkTemplate(entry.value, key: place)
      }
    }
  }

  private static func depthText(_ depth: ClosedRange<Int>, of format: ConfigFile.Format) -> String {
    switch format {
    case .ini: "an ini file has keys, and keys in sections: expected one or two levels"
    case .unreal: "an unreal file has keys in sections, and lists with keys in them: expected two or three levels"
    default: "a \(format.rawValue) file has no keys within keys"
    }
  }

  /// Whether both cannot stand in one file: they are the same, or one stands where the other has its keys.
  private static func meet(_ one: [String], _ other: [String], format: ConfigFile.Format) -> Bool {
    let (shorter, longer) = one.count <= other.count ? (one, other) : (other, one)
    guard longer.starts(with: shorter) else { return false }
    // An element has attributes beside its text.
    let isAttribute = format == .xml && longer.last?.hasPrefix("@") == true
    return !(isAttribute && longer.count == shorter.count + 1)
  }

  /// Whether one key of a path can be said in the format.
  static func isConfigKey(_ path: [String], at index: Int, format: ConfigFile.Format) -> Bool {
    let key = path[index]
    guard !key.isEmpty, !key.hasControlCharacter else { return false }
    let isSection = index == 0 && path.count > 1
    switch format {
    case .env: return isEnvironmentName(key)
    case .words: return isMade(withoutSetWord(key), of: "._-")
    case .properties, .template, .custom: return isMade(key, of: "._-")
    case .ini: return isSection ? isSectionName(key) : isIniKey(key)
    case .unreal: return isSection ? isSectionName(key) : isMade(key, of: path.count == 3 ? "_." : "_.[]")
    case .xml:
      guard key.hasPrefix("@") else { return isXMLName(key) }
      return index > 0 && index == path.count - 1 && isXMLName(String(key.dropFirst()))
    case .json, .yaml, .toml: return true
    }
  }

  /// The name of a variable without the `set` before it.
  private static func withoutSetWord(_ key: String) -> String {
    let words = key.split(separator: " ", omittingEmptySubsequences: false)
    return words.count == 2 && ConfigFile.setWords.contains(String(words[0])) ? String(words[1]) : key
  }

  /// Whether a text is nothing but ASCII letters, digits and some more characters.
  private static func isMade(_ text: String, of more: String) -> Bool {
    text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || more.contains($0)) }
  }

  private static func isXMLName(_ text: String) -> Bool {
    guard let first = text.first, first == "_" || first.isLetter else { return false }
    return isMade(text, of: "_-.:")
  }

  private static func isSectionName(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { !"[]\";#".unicodeScalars.contains($0) } && !hasBlankEnd(text)
  }

  private static func isIniKey(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { !"=;#[]\"".unicodeScalars.contains($0) } && !hasBlankEnd(text)
  }

  private static func hasBlankEnd(_ text: String) -> Bool { text.hasPrefix(" ") || text.hasSuffix(" ") }
}
