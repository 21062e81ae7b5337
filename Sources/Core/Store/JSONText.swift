import Foundation

/// Values that stand in one column as JSON.
enum JSONText {
  static func of(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  static func value<Value: Decodable>(_ text: String) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(text.utf8))
  }
}

/// What stands as JSON in one column of many rows. Every text is read once, and all of them by one decoder: for a thousand
/// rows that is what takes the time.
struct JSONColumn<Value: Decodable> {
  private let values: [String: Value]

  /// Where one of them cannot be read, each is read when it is wanted.
  init(_ texts: some Sequence<String>) {
    let texts = Array(Set(texts))
    let all: [Value]? = texts.isEmpty ? [] : try? JSONText.value("[\(texts.joined(separator: ","))]")
    values = all.flatMap { $0.count == texts.count ? Dictionary(uniqueKeysWithValues: zip(texts, $0)) : nil } ?? [:]
  }

  /// The value of a text that was among those.
  subscript(text: String) -> Value {
    get throws {
      guard let value = values[text] else { return try JSONText.value(text) }
      return value
    }
  }
}
