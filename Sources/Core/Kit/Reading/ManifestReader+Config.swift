import Yams

extension ManifestReader {
  func configFile(_ id: String, _ value: YAMLValue) throws -> ConfigFile {
    let fields = try value.fields(["format", "encoding", "path", "service", "values", "initial", "written-by"])
    let format = try value.required("format", in: fields)
    let kind = try format.word(ConfigFile.Format.self)
    guard kind != .custom else { throw format.error("a custom file needs a plugin in Swift") }
    return ConfigFile(
      id, kind,
      encoding: try fields["encoding"]?.word(ConfigFile.Encoding.self),
      path: try fields["path"]?.template(),
      values: try fields["values"].map { try configEntries($0) } ?? [],
      initial: try fields["initial"].map { try configEntries($0) } ?? [],
      template: kind == .template ? try source(id) : nil,
      service: try fields["service"]?.text(),
      writtenBy: try fields["written-by"]?.word(ConfigFile.Writer.self))
  }

  /// The values of nested maps, in document order. A dot or slash in a key is a part of it.
  private func configEntries(_ value: YAMLValue, below path: [String] = []) throws -> [ConfigFile.Entry] {
    try value.entries().flatMap { key, place in
      let path = path + [key]
      guard case .mapping(let mapping) = place.node else {
        guard case .scalar(let scalar) = place.node else {
          throw place.error("expected text or a mapping of keys, found a list")
        }
        let template = try place.template()
        let entry = ConfigFile.Entry(path: path, template)
        let isText = scalar.style != .plain && entry.typedLiteral != nil
        return [ConfigFile.Entry(path: path, template, isText: isText)]
      }
      guard !mapping.isEmpty else { throw place.error("expected at least one key in the mapping") }
      return try configEntries(place, below: path)
    }
  }
}
