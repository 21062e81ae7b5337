import BerthKit
import Mustache

/// Whole files with `{{name}}` in them, rendered as plain text by swift-mustache.
///
/// The manifest's validator has already refused partials, other delimiters and unknown names.
enum TemplateFormat {
  static func text(_ source: String, file: String, _ variables: Variables) throws -> String {
    do {
      var tree = tree(of: variables)
      let text = try withoutFilters(source, variables, &tree)
      let template = try MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}" + text)
      return template.render(tree)
    } catch let error as MustacheTemplate.ParserError {
      throw BerthError.badManifest("the template cannot be read", at: "files/\(file)", key: nil, cause: "\(error)")
    }
  }

  /// Dotted names as nested maps, which is how mustache looks them up.
  private static func tree(of variables: Variables) -> [String: [String: Any]] {
    var tree: [String: [String: Any]] = [:]
    for name in variables.names {
      guard let dot = name.firstIndex(of: "."), let value = variables[name] else { continue }
      let shown = variables.isFalse(name) ? WordForFalse(renderText: value.plain) : rendered(value)
      tree[String(name[..<dot]), default: [:]][String(name[name.index(after: dot)...])] = shown
    }
    return tree
  }

  /// The text with a name of its own for each placeholder that has a filter, since mustache has none of ours, and for two
  /// braces. What these names stand for comes into the tree.
  private static func withoutFilters(
    _ source: String, _ variables: Variables, _ tree: inout [String: [String: Any]]
  ) throws -> String {
    var text = ""
    var rest = source[...]
    while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
      let tag = rest[open.lowerBound..<close.upperBound]
      text += rest[..<open.lowerBound]
      text += try replaced(rest[open.upperBound..<close.lowerBound], variables, &tree).map { "{{\($0)}}" } ?? tag
      rest = rest[close.upperBound...]
    }
    return text + rest
  }

  private static func replaced(
    _ inside: Substring, _ variables: Variables, _ tree: inout [String: [String: Any]]
  ) throws -> String? {
    let value: Any
    let name: String
    switch try? Template.placeholder(inside) {
    case .literal(let text): (name, value) = ("braces", text)
    case .filtered(let variable, let filter):
      name = "\(variable.replacing(".", with: "_"))_\(filter.rawValue)"
      guard let filtered = try variables.value(of: .filtered(variable, filter)) else { return "filtered.\(name)" }
      value = rendered(filtered)
    default: return nil
    }
    tree["filtered", default: [:]][name] = value
    return "filtered.\(name)"
  }

  private static func rendered(_ value: Value) -> Any {
    switch value {
    case .text(let text): text
    case .integer(let integer): integer
    case .number(let number): number
    case .boolean(let boolean): boolean
    }
  }

  /// What an app calls false: a text where it is written, and false where a section asks.
  private struct WordForFalse: MustacheCustomRenderable {
    let renderText: String
    var isNull: Bool { true }
  }
}
