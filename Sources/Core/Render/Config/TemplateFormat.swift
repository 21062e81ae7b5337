import BerthKit
import Mustache

/// Whole files with `{{name}}` in them, rendered as plain text by swift-mustache.
///
/// The manifest's validator has already refused partials, other delimiters and unknown names.
enum TemplateFormat {
  static func text(_ source: String, file: String, _ variables: Variables) throws -> String {
    do {
      let template = try MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}" + source)
      return template.render(tree(of: variables))
    } catch let error as MustacheTemplate.ParserError {
      throw BerthError.badManifest("the template cannot be read", at: "files/\(file)", key: nil, cause: "\(error)")
    }
  }

  /// Dotted names as nested maps, which is how mustache looks them up.
  private static func tree(of variables: Variables) -> [String: Any] {
    var tree: [String: [String: Any]] = [:]
    for name in variables.names {
      guard let dot = name.firstIndex(of: "."), let value = variables[name] else { continue }
      tree[String(name[..<dot]), default: [:]][String(name[name.index(after: dot)...])] = rendered(value)
    }
    return tree
  }

  private static func rendered(_ value: Value) -> Any {
    switch value {
    case .text(let text): text
    case .integer(let integer): integer
    case .number(let number): number
    case .boolean(let boolean): boolean
    }
  }
}
