import BerthKit

/// What Berth tells programs about one thing: a JSON object that always has the same keys, `null` for what is unknown.
///
/// The command line prints reports and nothing else with `--json`. `docs/schema` has the schema of each.
public protocol Report: Encodable, Sendable {
  /// Its keys, in snake case, with their values.
  var fields: ReportFields { get }
}

/// The keys of a ``Report`` and their values.
public struct ReportFields: ExpressibleByDictionaryLiteral {
  fileprivate let pairs: [(key: String, value: (any Encodable)?)]

  private init(_ pairs: [(key: String, value: (any Encodable)?)]) { self.pairs = pairs }

  public init(dictionaryLiteral elements: (String, (any Encodable)?)...) {
    self.init(elements.map { (key: $0.0, value: $0.1) })
  }

  public static func + (left: ReportFields, right: ReportFields) -> ReportFields {
    ReportFields(left.pairs + right.pairs)
  }

  /// Which instance a report is about.
  static func instance(_ key: InstanceKey, _ name: InstanceName) -> ReportFields {
    ["app": key.app, "instance_id": key.id, "instance_name": name]
  }

  static func instance(_ record: InstanceRecord) -> ReportFields { instance(record.key, record.name) }
}

extension Report {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: ReportKey.self)
    for (key, value) in fields.pairs {
      if let value {
        try container.encode(value, forKey: ReportKey(stringValue: key))
      } else {
        try container.encodeNil(forKey: ReportKey(stringValue: key))
      }
    }
  }
}

private struct ReportKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
