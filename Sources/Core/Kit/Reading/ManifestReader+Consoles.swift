extension ManifestReader {
  func query(_ value: YAMLValue) throws -> PlayerQuery {
    let fields = try value.fields(["protocol", "port"])
    return PlayerQuery(
      try value.required("protocol", in: fields).word(PlayerQuery.Kind.self),
      port: try value.required("port", in: fields).text())
  }

  func console(_ value: YAMLValue) throws -> Console {
    let fields = try value.fields(["protocol", "port", "password", "announce", "commands"])
    return Console(
      try value.required("protocol", in: fields).word(Console.Kind.self), port: try fields["port"]?.text(),
      password: try fields["password"]?.template(), announce: try fields["announce"]?.template(),
      commands: try fields["commands"]?.entries().map { Console.Command($0.key, help: try $0.value.text()) } ?? [])
  }
}
