extension ManifestReader {
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
