extension ManifestReader {
  /// - Throws: where it is no such sentence, or this Berth is older.
  func needs(_ value: YAMLValue) throws -> NeededRelease {
    guard let needed = NeededRelease(try value.text()) else {
      throw value.error("expected 'berth >=' and a version, such as 'berth >= 0.2'")
    }
    guard needed.isMet(by: BerthRelease.current) else {
      throw value.error("it needs \(needed.text), and this is Berth \(BerthRelease.current)")
    }
    return needed
  }

  /// - Parameter services: the app's services; the probe belongs to `main`, or to the only one, unless it says otherwise.
  func probeData(_ value: YAMLValue, services: [Service]) throws -> ProbeData {
    let fields = try value.fields(["service", "write", "read", "expect"])
    func action(_ key: String) throws -> Action {
      let value = try value.required(key, in: fields)
      return try self.action(
        value, value.fields(["exec", "console", "timeout"]), defaultTimeout: ProbeData.defaultTimeout)
    }
    return ProbeData(
      service: try owner(value, fields, services: services), write: try action("write"), read: try action("read"),
      expect: try value.required("expect", in: fields).text())
  }
}
